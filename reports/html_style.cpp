#include "reports/html_style.hpp"

namespace blondel {

std::string_view html_style() {
  return R"css(
:root{
  color-scheme:light dark;
  --ground:#f5f4ef;--card:#fffefb;--ink:#182022;--muted:#5c676a;--line:#dedbd0;--soft:#ebe8de;
  --pass:#17733f;--fail:#b3211c;--inconclusive:#95590a;--error:#6b3aa6;--aborted:#7a3f1d;--skipped:#606a70;
  --limit:#b3211c;--band:#17733f14;--grid:#e6e3d8;
  --s0:#0068a8;--s1:#c64f00;--s2:#00805c;--s3:#b3468f;--s4:#806200;--s5:#2d8fc4;--s6:#5146a8;--s7:#7d3a1c;--sx:#9aa1a3;
  --sans:ui-sans-serif,system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif;
  --mono:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",Consolas,monospace;
}
@media (prefers-color-scheme:dark){:root{
  --ground:#12171a;--card:#1a2024;--ink:#e5e9e6;--muted:#9aa6a7;--line:#2e373b;--soft:#232b2f;
  --pass:#58c98b;--fail:#ff7b70;--inconclusive:#e5ac4d;--error:#b794f2;--aborted:#d99a70;--skipped:#98a3a8;
  --limit:#ff7b70;--band:#58c98b1c;--grid:#283135;
  --s0:#5fb6f2;--s1:#ff9550;--s2:#44d1a4;--s3:#ee9dd0;--s4:#dcb943;--s5:#93d4fb;--s6:#a9a2f4;--s7:#d79c7d;--sx:#6c767a;
}}
*,*::before{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 var(--sans)}
main{max-width:1120px;margin:0 auto;padding:40px 28px 72px}
h1,h2,h3,p,dl,dd,figure,ul{margin:0;padding:0}
h1{font-size:34px;line-height:1.15;font-weight:680;letter-spacing:-.018em;overflow-wrap:anywhere}
h2{font-size:20px;line-height:1.25;font-weight:660;letter-spacing:-.008em;margin:46px 0 6px;padding-top:18px;border-top:1px solid var(--line)}
h3{font-size:16px;font-weight:650;margin:30px 0 8px}
.lead{color:var(--muted);max-width:72ch;margin-bottom:16px}
.eyebrow{font-size:12px;letter-spacing:.09em;text-transform:uppercase;color:var(--muted);margin-bottom:8px}
.mono,.serial{font-family:var(--mono);font-size:.93em;overflow-wrap:anywhere}
.num{font-variant-numeric:tabular-nums;white-space:nowrap}
.muted{color:var(--muted)}
a{color:inherit;text-decoration-color:var(--line);text-underline-offset:3px}

.head{display:grid;grid-template-columns:1fr auto;gap:20px 32px;align-items:start}
.stamp{border:2px solid var(--v);color:var(--v);border-radius:10px;padding:10px 20px 9px;text-align:center;min-width:150px}
.stamp b{display:block;font-size:27px;line-height:1.15;letter-spacing:.05em;font-weight:750}
.stamp span{font-size:12.5px;color:var(--muted)}
.why{font-size:17px;margin-top:10px;max-width:64ch}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:14px 28px;margin:26px 0 4px;padding:18px 0 0;border-top:1px solid var(--line)}
.facts dt{font-size:12px;color:var(--muted);line-height:1.3}
.facts dd{overflow-wrap:anywhere;line-height:1.4}

.v-pass{--v:var(--pass)}.v-fail{--v:var(--fail)}.v-inconclusive{--v:var(--inconclusive)}
.v-error{--v:var(--error)}.v-aborted{--v:var(--aborted)}.v-skipped{--v:var(--skipped)}
.pill{display:inline-block;color:var(--v);font-weight:660;font-size:12.5px;letter-spacing:.03em;white-space:nowrap}
.pill::before{content:"";display:inline-block;width:.62em;height:.62em;margin-right:.5em;background:var(--v);border-radius:50%}
.pill.v-fail::before,.pill.v-error::before,.pill.v-aborted::before{border-radius:1px;transform:rotate(45deg)}
.pill.v-inconclusive::before,.pill.v-skipped::before{background:none;border:2px solid var(--v)}

.facts+.note,header+.note{margin-top:24px}
.note{border-left:4px solid var(--v);background:var(--card);padding:11px 16px;margin-top:12px;border-radius:0 6px 6px 0}
.note b{color:var(--v)}
.note ul{padding-left:18px;margin-top:4px}

.meters+p{margin-top:12px}
.meters{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:14px;margin-top:16px}
.meter{display:block;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--v);border-radius:4px 4px 8px 8px;padding:14px 18px 15px;text-decoration:none}
.meter .top{display:flex;justify-content:space-between;gap:12px;align-items:baseline}
.meter .place{font-size:13px;color:var(--muted)}
.meter .serial{font-size:18px;font-weight:620;margin:3px 0 8px}
.meter .cause{font-size:14.5px;line-height:1.4}
.meter .worst{font-size:13px;color:var(--muted);margin-top:8px;line-height:1.45}
.meter .counts{font-size:13px;margin-top:8px;padding-top:8px;border-top:1px solid var(--line);color:var(--muted)}

.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:20px 24px}
.panel{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 14px 8px}
.panel figcaption{font-weight:640;font-size:14.5px;padding:0 4px 4px}
.panel figcaption span{font-weight:400;color:var(--muted)}
svg{display:block;width:100%;height:auto;font-family:var(--sans)}
.chart text{font-size:12px;fill:var(--muted);font-variant-numeric:tabular-nums}
.chart .axis{fill:var(--ink)}
.chart .who{font-weight:700;fill:var(--c)}
.chart .out{font-size:11px;fill:var(--fail);font-weight:650}
.grid{stroke:var(--grid);stroke-width:1}
.zero{stroke:var(--muted);stroke-width:1}
.limit{fill:none;stroke:var(--limit);stroke-width:1.8}
.limit.l1{stroke-dasharray:7 3}
.limit.l2{stroke-dasharray:2 3}
.limit.l3{stroke-dasharray:9 3 2 3}
.band{fill:var(--band)}
.guard{fill:var(--inconclusive);opacity:.16}
.join{fill:none;stroke:var(--c);stroke-width:1.1;opacity:.5}
.bar{stroke:var(--c);stroke-width:1.3}
.dot{stroke:var(--c);stroke-width:1.7;fill:var(--c)}
.dot.f1{fill:var(--card)}
.dot.f2{fill:color-mix(in srgb,var(--c) 40%,var(--card))}
.ring{fill:none;stroke:var(--fail);stroke-width:1.6}
.c0{--c:var(--s0)}.c1{--c:var(--s1)}.c2{--c:var(--s2)}.c3{--c:var(--s3)}.c4{--c:var(--s4)}.c5{--c:var(--s5)}.c6{--c:var(--s6)}.c7{--c:var(--s7)}.cx{--c:var(--sx)}
.legend{display:flex;flex-wrap:wrap;gap:6px 22px;margin:14px 2px 16px;font-size:13.5px;color:var(--muted);align-items:center}
.legend span{display:inline-flex;align-items:center;gap:7px}
.legend svg{width:20px;height:16px;flex:none}
.legend b{color:var(--ink);font-weight:600}

.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:600;font-size:12px;color:var(--muted);padding:6px 14px 6px 0;border-bottom:1.5px solid var(--line);vertical-align:bottom}
td{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:baseline}
table+table{margin-top:20px}
th:last-child,td:last-child{padding-right:0}
td.r,th.r{text-align:right}
tr.bad td{background:color-mix(in srgb,var(--v) 8%,transparent)}
tr.bad td:first-child{box-shadow:-8px 0 0 color-mix(in srgb,var(--v) 8%,transparent),inset 0 0 0 0}
.unit{color:var(--muted);font-size:.92em}
.src{font-size:12.5px;color:var(--muted);line-height:1.35}
.mark{font-size:11.5px;border:1px solid var(--line);border-radius:4px;padding:0 5px;color:var(--muted);white-space:nowrap}
.mark.weak{border-color:var(--inconclusive);color:var(--inconclusive)}
.gauge{display:inline-block;width:108px;height:14px;vertical-align:-2px}
.gauge .rail{stroke:var(--line);stroke-width:5}
.gauge .mid{stroke:var(--muted);stroke-width:1}
.gauge .u{stroke:var(--v);stroke-width:1.6}
.gauge .p{fill:var(--v)}
details{margin-top:12px;font-size:14px}
summary{cursor:pointer;color:var(--muted)}
details[open] summary{margin-bottom:6px}
.who-head{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;margin:40px 0 6px}
.who-head h3{margin:0;font-size:17px}
.class-record{margin-top:26px}
.class-record h3{margin-bottom:2px;font-size:18px}
h4{margin:20px 0 2px;font-size:14.5px;font-weight:640}
h4 .muted{font-weight:400}
.note h4{margin-top:10px}
.conclusions{margin-top:10px}
.conclusions .said{color:var(--v)}
.facts .broad{grid-column:span 3}
.lines{font-size:13.5px}
.lines tbody tr:has(+ tr.sub) td{border-bottom:0;padding-bottom:0}
.lines tr.sub details{margin:0;font-size:12.5px}
.lines tr.sub details[open]{margin:4px 0 14px}
.budget{font-size:12.5px}
.page-banner>div{border:2px solid var(--v);border-radius:6px;padding:9px 16px;margin-bottom:26px}
.page-banner b{color:var(--v)}
.log td{font-size:13.5px}
.hashes dd{font-family:var(--mono);font-size:12.5px;overflow-wrap:anywhere}
.hashes dt{color:var(--muted);font-size:12.5px;margin-top:10px}
footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--line);color:var(--muted);font-size:13px}

@media (max-width:680px){
  main{padding:24px 16px 56px}
  h1{font-size:26px}
  h2{margin-top:42px}
  .head{grid-template-columns:1fr}
  .stamp{justify-self:start;display:flex;align-items:baseline;gap:12px;padding:6px 16px}
  .stamp b{font-size:21px}
  .facts{grid-template-columns:1fr 1fr;gap:12px 18px}
  .facts .broad{grid-column:1/-1}
  .panel{padding:12px 6px 6px}
  table.rows,table.rows tbody{display:block}
  table.rows thead{display:none}
  table.rows tr{display:grid;grid-template-columns:1fr auto;gap:0 14px;padding:9px 0;border-bottom:1px solid var(--line)}
  table.rows td{border:0;padding:1px 0;text-align:left}
  table.rows td[data-k]::before{content:attr(data-k) " ";color:var(--muted);font-size:12px}
  table.rows td.wide{grid-column:1/-1}
  table.rows td.end{text-align:right}
  table.rows td.gone{display:none}
  table.rows tr.bad{background:color-mix(in srgb,var(--v) 8%,transparent);margin:0 -8px;padding-left:8px;padding-right:8px}
  table.rows tr.bad td,table.rows tr.bad td:first-child{background:none;box-shadow:none}
}
@media print{
  :root{--ground:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#bbb;--soft:#eee;
    --pass:#17733f;--fail:#b3211c;--inconclusive:#95590a;--error:#6b3aa6;--aborted:#7a3f1d;--skipped:#606a70;--limit:#b3211c;
    --s0:#0068a8;--s1:#c64f00;--s2:#00805c;--s3:#b3468f;--s4:#806200;--s5:#2d8fc4;--s6:#5146a8;--s7:#7d3a1c;--sx:#9aa1a3;--grid:#ddd;--band:#17733f14}
  *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
  body{font-size:10.5pt}
  main{max-width:none;padding:0}
  .panel,.meter,.note,tr,.head{break-inside:avoid}
  h2,h3,.who-head{break-after:avoid}
  thead{display:table-header-group}
  main.bannered{display:table;width:100%}
  .page-banner{display:table-header-group;break-inside:avoid}
  .panels{grid-template-columns:1fr 1fr;gap:10px}
  .page-banner>div{margin-bottom:10px}
}
)css";
}

}  // namespace blondel
