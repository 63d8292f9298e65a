const t = performance.now();
const c = process.cpuUsage();
for (const m of process.argv.slice(2)) {
  const a = performance.now();
  await import(m);
  console.log(m, (performance.now() - a).toFixed(0), "ms");
}
const d = process.cpuUsage(c);
console.log(
  "total",
  (performance.now() - t).toFixed(0),
  "cpu",
  ((d.user + d.system) / 1000) | 0,
  "rss",
  (process.memoryUsage.rss() / 1e6) | 0,
);
