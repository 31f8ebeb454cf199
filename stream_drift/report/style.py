"""How the page looks: calm, readable in light and dark, without anything from a network."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --page: #fbfbfa; --card: #fff; --ink: #1f2328; --soft: #667079;
  --line: #e3e5e8; --old: #9aa4ad; --new: #2f6db5; --minor: #6b7f93; --notice: #b58a1e;
  --major: #c8681f; --severe: #b93131; --code: #f1f3f5; }
@media (prefers-color-scheme: dark) { :root { --page: #15181c; --card: #1c2026; --ink: #e4e7ea;
  --soft: #97a1ab; --line: #2e343b; --old: #6b7680; --new: #6ea8ea; --minor: #8fa3b8;
  --notice: #d8b04a; --major: #e58a45; --severe: #e66a6a; --code: #262b32; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 80px; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 0; }
h3 { font-size: 14px; margin: 24px 0 8px; color: var(--soft); font-weight: 600; }
p { margin: 6px 0; } .soft, figcaption, footer { color: var(--soft); font-size: 13px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 20px 24px; margin: 20px 0; border-left: 5px solid var(--line); }
section.minor { border-left-color: var(--minor); } section.notice { border-left-color:
  var(--notice); }
section.major { border-left-color: var(--major); } section.severe { border-left-color:
  var(--severe); }
section.resolved { opacity: .92; }
.badge { display: inline-block; border-radius: 20px; padding: 1px 10px; font-size: 12px;
  font-weight: 600; color: #fff; margin-right: 8px; vertical-align: 2px; }
.badge.minor { background: var(--minor); } .badge.notice { background: var(--notice); }
.badge.major { background: var(--major); } .badge.severe { background: var(--severe); }
.badge.over { background: var(--old); }
.todo { background: var(--code); border-radius: 8px; padding: 10px 14px; margin: 14px 0; }
code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.todo code { display: block; margin-top: 4px; }
.feature { display: grid; grid-template-columns: minmax(0, 1fr) 460px; gap: 4px 28px;
  padding: 14px 0; border-top: 1px solid var(--line); align-items: start; }
@media (max-width: 860px) { .feature { grid-template-columns: 1fr; } }
.feature b { font-size: 15px; } figure { margin: 0; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: var(--soft); }
.before { fill: var(--old); fill-opacity: .35; } .after { fill: var(--new); fill-opacity: .8; }
.axis, .grid { stroke: var(--line); } .limit { stroke: var(--severe); stroke-dasharray: 4 3; }
.line { fill: none; stroke: var(--new); stroke-width: 1.6; }
.heat { fill: var(--new); shape-rendering: crispEdges; }
.band { fill-opacity: .16; } .band.minor { fill: var(--minor); } .band.notice { fill:
  var(--notice); }
.band.major { fill: var(--major); } .band.severe { fill: var(--severe); }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
td, th { text-align: left; padding: 4px 12px 4px 0; border-top: 1px solid var(--line);
  vertical-align: top; } th { color: var(--soft); font-weight: 600; border-top: 0; }
td.n, th.n { text-align: right; } a { color: inherit; }
.key i { display: inline-block; width: 11px; height: 11px; margin: 0 4px 0 10px; border-radius:
  2px; }
.key .old { background: var(--old); opacity: .5; } .key .new { background: var(--new); }
details summary { cursor: pointer; color: var(--soft); font-size: 13px; }
pre { overflow: auto; font-size: 12px; background: var(--code); padding: 12px; border-radius: 8px;
  max-height: 420px; }
"""
