/** The fine-tuned preset un-freezes the ends of its bases, however many blocks each has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { candidate } from "../../src/config/candidate.ts";
import { finetunedProject } from "../../src/config/presets.ts";
import { bases } from "../../src/models/index.ts";
import { unfreezeNetworks } from "../../src/train/unfreeze.ts";

test("every base of the fine-tuned preset has its last five blocks and its last convolution un-frozen, no others", () => {
  const choices = finetunedProject("x", "photos").candidates.map((one) => candidate.parse(one));
  const tuned = choices.filter(({ fineTuning }) => fineTuning.epochs > 0);
  assert.deepEqual(
    tuned.map(({ role }) => role),
    ["accuracy", "latency"],
  );
  for (const { bases: ids, unfreeze } of tuned) {
    const networks = ids.map((id) => ({ ...bases[id].network(bases[id].inputSize), name: id }));
    for (const [i, unfrozen] of unfreezeNetworks(networks, unfreeze).entries()) {
      const { layers } = networks[i]!;
      const blockOf = (name: string) => Number(/^block(\d+)_/.exec(name)?.[1]);
      const last = Math.max(...layers.map(({ name }) => blockOf(name)).filter(Number.isFinite));
      const trained = [...unfrozen!.trainable];
      const blocks = new Set(trained.filter((name) => name !== "head_conv").map(blockOf));
      assert.deepEqual([...blocks], [last - 4, last - 3, last - 2, last - 1, last]);
      // Three convolutions a block.
      assert.equal(trained.length, 3 * 5 + 1);
    }
  }
});
