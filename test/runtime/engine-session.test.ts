/** Sessions: what they refuse, and what they say about it. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { filledTensor, GraphBuilder, type TensorValue } from "../../src/engine/graph/index.ts";
import { encodeModel } from "../../src/engine/onnx/index.ts";
import { createSession, runtimeVersion } from "../../src/engine/runtime/index.ts";
import { isFulcrumError } from "../../src/errors/index.ts";

function doublingModel(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", 2]);
  b.output("y", b.add(x, x));
  return encodeModel(b.build("doubling"));
}

const fed: TensorValue = { dtype: "float32", dims: [1, 2], data: Float32Array.of(1, 2) };

test("a model runs from bytes and from a file, whatever the optimization", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "model.onnx");
  await writeFile(path, doublingModel());
  for (const model of [doublingModel(), path]) {
    for (const optimization of ["disabled", "basic", "extended", "all"] as const) {
      const session = await createSession(model, { threads: 2, optimization });
      assert.deepEqual([session.inputNames, session.outputNames], [["x"], ["y"]]);
      const { y } = await session.run({ x: fed });
      assert.deepEqual(y, { dtype: "float32", dims: [1, 2], data: Float32Array.of(2, 4) });
      await session.dispose();
    }
  }
});

test("the runtime tells its version", () => {
  assert.match(runtimeVersion, /^\d+\.\d+\.\d+/);
});

test("bytes that are no model are refused, with ONNX Runtime's reason as cause", async () => {
  await assert.rejects(createSession(Uint8Array.of(1, 2, 3), { threads: 1 }), (error) => {
    assert.ok(isFulcrumError(error, "ENGINE_SESSION_FAILED"));
    return error.cause instanceof Error;
  });
});

test("feeds must be exactly the inputs, each with as many values as its dimensions say", async () => {
  const session = await createSession(doublingModel(), { threads: 1 });
  const wrong: readonly (readonly [Record<string, TensorValue>, RegExp])[] = [
    [{}, /Input x .*nothing is fed/],
    [{ x: fed, z: fed }, /Input z .*no such input, only x/],
    [{ x: { ...fed, dims: [2, 2] } }, /Input x /],
  ];
  for (const [feeds, message] of wrong) {
    await assert.rejects(session.run(feeds), { code: "ENGINE_FEED_INVALID", message });
  }
  await assert.rejects(session.run({ x: filledTensor("float64", [1, 2], 0) }), { code: "ENGINE_RUN_FAILED" });
  await assert.rejects(session.run({ x: filledTensor("float32", [1, 3], 0) }), { code: "ENGINE_RUN_FAILED" });
  await session.dispose();
});

test("a session that was disposed of refuses to run, and may be disposed of again", async () => {
  const session = await createSession(doublingModel(), { threads: 1 });
  await session.dispose();
  await session.dispose();
  await assert.rejects(session.run({ x: fed }), { code: "ENGINE_RUN_FAILED", message: /disposed/ });
});
