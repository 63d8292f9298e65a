/** Waits for what real processes or a page bring about; fails after `seconds`. */
export async function eventually(condition: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
