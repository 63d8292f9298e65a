/** The page's style: one column, light and dark, phone and paper. Figures stay on white cards. */
export const style = `
:root { color-scheme: light dark; --ink: #1a1f24; --paper: #fff; --soft: #f3f5f7; --line: #d5dbe0; --mark: #fff3cf; --quiet: #59636d; --lead: #005b8f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecef; --paper: #14181c; --soft: #1d2329; --line: #37414a; --mark: #4a3d12; --quiet: #a3afb9; --lead: #7cc4ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.9rem; margin: .5rem 0; } h2 { margin-top: 2.5rem; border-bottom: 2px solid var(--line); padding-bottom: .3rem; }
.answer { background: var(--soft); border-left: .35rem solid #0072b2; padding: .8rem 1.2rem; border-radius: .3rem; font-size: 1.05rem; }
.answer ul { margin: 0; padding-left: 1.1rem; } .synthetic { background: var(--mark); padding: .6rem 1rem; border-radius: .3rem; font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
p, li { overflow-wrap: anywhere; } th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; } thead th { border-bottom: 2px solid var(--line); }
tbody th { font-weight: 500; } .differs { background: var(--mark); }
.basis { color: var(--quiet); font-size: .85rem; margin: .3rem 0 1rem; } .missing { color: var(--quiet); font-style: italic; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; background: #fff; color: #1a1f24; border: 1px solid var(--line); border-radius: .4rem; padding: .4rem; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; } details { font-size: .85rem; --line: #d5dbe0; } summary { cursor: pointer; color: #59636d; }
.lead { color: var(--lead); font-size: 1.05rem; } h3 { margin: 1.6rem 0 .5rem; } h4 { margin: 1rem 0 .3rem; } a { color: var(--lead); }
.plot { position: relative; } .plot:focus-visible { outline: 2px solid #0072b2; } .rule { position: absolute; width: 1px; background: #59636d; pointer-events: none; }
.tip { position: absolute; z-index: 9; max-width: 22rem; padding: .3rem .6rem; background: #1a1f24; color: #fff; border-radius: .3rem; font-size: .8rem; pointer-events: none; } .tip strong { display: block; }
.say { margin: 1rem 0; } .say small, .mistakes small { display: block; color: var(--quiet); font-size: .75rem; overflow-wrap: anywhere; }
.say summary { color: var(--quiet); } .mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem; list-style: none; padding: 0; font-size: .85rem; }
.mistakes img { display: block; border-radius: .3rem; max-width: 100%; } .files { font-size: .85rem; columns: 2 24rem; } figure button { margin: .4rem 0; }
figure .scroll { max-height: 20rem; overflow: auto; } [hidden] { display: none !important; }
@media print { .tip, .rule, figure button { display: none; }  :root { color-scheme: light; --ink: #1a1f24; --paper: #fff; --soft: #f3f5f7; --line: #d5dbe0; --mark: #fff3cf; --quiet: #59636d; --lead: #005b8f; } body { max-width: none; padding: 0; font-size: 10pt; } section { break-before: page; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; } * { print-color-adjust: exact; } figure { break-inside: avoid; } details { display: none; }
  .scroll { overflow: visible; } table { font-size: 8.5pt; } th, td { padding: .2rem .4rem; overflow-wrap: anywhere; } .grid { grid-template-columns: 1fr 1fr; gap: .5rem; } }
`;
