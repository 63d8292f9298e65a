/** Whether a process of that number exists. Numbers are used again, so this is a hint where its owner was killed. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 asks only
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it belongs to somebody else
  }
}
