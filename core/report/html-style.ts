/** The report's style sheet: a printed page first (A4, numbered), a screen second, light and dark. */
import { inkProperties } from './palette.ts';

export const REPORT_STYLE = `
:root{color-scheme:light dark;${inkProperties('light')};--soft:#f5f7f9;--proven:#17694a}
@media (prefers-color-scheme:dark){:root{${inkProperties('dark')};--soft:#1e252e;--proven:#5ac8a0}}
@media print{:root{color-scheme:light;${inkProperties('light')};--soft:#f5f7f9;--proven:#17694a}}
*{box-sizing:border-box}
html{background:var(--soft)}
body{margin:0;color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:860px;margin:32px auto;padding:56px 64px;background:var(--ground);border:1px solid var(--grid)}
h1,h2,h3,p,dl,dd,ul,figure,pre{margin:0;padding:0}
h1{font-size:30px;line-height:1.15;font-weight:650;letter-spacing:-.01em;margin:10px 0 12px;overflow-wrap:anywhere}
h2{font-size:19px;line-height:1.25;font-weight:650;margin:44px 0 14px;padding-top:14px;border-top:1px solid var(--grid);break-after:avoid}
h3{font-size:15px;font-weight:650;margin:26px 0 8px;break-after:avoid}
p{max-width:68ch;margin-bottom:8px;overflow-wrap:anywhere}
pre{padding:12px 14px;background:var(--soft);border-radius:4px;font:12px/1.5 ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.title-block{border-top:4px solid var(--text);padding-top:14px}
.title-line{display:flex;justify-content:space-between;align-items:center;gap:16px}
.title-line p{margin:0}
.kind{color:var(--muted);font-size:12px;letter-spacing:.08em;text-transform:uppercase}
.seal{padding:2px 10px;border:1px solid var(--muted);border-radius:999px;color:var(--muted);font-size:12px;font-weight:600;white-space:nowrap}
.seal.proven{border-color:var(--proven);color:var(--proven)}
.verdict{font-size:16px;line-height:1.45;margin-bottom:18px}
.title-block dl{display:grid;grid-template-columns:repeat(3,1fr);border:1px solid var(--grid);border-width:1px 0 0 1px}
.title-block dl div{padding:7px 12px 8px;border:1px solid var(--grid);border-width:0 1px 1px 0;min-width:0}
.title-block dl div:last-child{grid-column:1/-1}
.title-block dl div:last-child dd{font:12px/1.6 ui-monospace,"DejaVu Sans Mono",monospace}
dt{color:var(--muted);font-size:11px}
dd{overflow-wrap:anywhere}
.metrics{display:grid;grid-template-columns:repeat(auto-fill,minmax(164px,1fr));gap:22px 20px;margin:30px 0 0;align-items:start}
.metric{position:relative;break-inside:avoid;border-top:1px solid var(--text);padding-top:8px}
.metric p{margin:0}
.metric .label{color:var(--muted);font-size:12px;line-height:1.35}
.metric .figure{font-size:22px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.badge{color:var(--muted);font-size:11px}
.badge.proven{color:var(--proven);font-weight:600}
.badge.estimate::before{content:"≈ "}
.badge.proven::before{content:"✓ "}
nav.contents{margin:34px 0 0;padding:12px 16px;background:var(--soft);border-radius:4px;font-size:13px;break-inside:avoid}
nav.contents ol{columns:2;column-gap:32px;margin:0;padding-left:22px}
nav.contents li{padding:1px 0;break-inside:avoid}
nav.contents li::marker{color:var(--muted)}
nav.contents a{color:inherit;text-decoration:none}
nav.contents a:hover,nav.contents a:focus-visible{color:var(--accent);text-decoration:underline}
details{font-size:12px;color:var(--muted);margin-top:2px}
details ul{padding-left:16px}
.listing pre{margin-top:8px;white-space:pre;overflow-x:auto;overflow-wrap:normal;color:var(--text)}
summary{cursor:pointer;color:var(--accent)}
figure{margin:16px 0 26px;break-inside:avoid}
figure svg{display:block;width:100%;height:auto;font-family:inherit;overflow:visible}
figcaption,caption{color:var(--muted);font-size:12px;line-height:1.45;text-align:left}
figcaption{margin-top:8px}
figcaption b,caption b{color:var(--text);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:3px 16px;margin-top:8px;list-style:none;font-size:11.5px}
.legend i{display:inline-block;width:10px;height:10px;margin-right:6px;border-radius:2px;vertical-align:-1px}
.table{margin:16px 0 26px;overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:12.5px;line-height:1.4}
caption{caption-side:top;padding-bottom:8px}
th{text-align:left;font-weight:600;vertical-align:bottom;border-bottom:1.5px solid var(--text);padding:4px 12px 4px 0}
td{vertical-align:top;border-bottom:1px solid var(--grid);padding:4px 12px 4px 0;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
td.wide{min-width:220px}
.end{text-align:right}
td.end{white-space:nowrap}
.unit{color:var(--muted);font-weight:400;white-space:nowrap}
thead{display:table-header-group}
tr{break-inside:avoid}
.landscape table{font-size:11.5px;min-width:1040px}
.landscape td,.landscape th{padding-right:9px}
.landscape td{overflow-wrap:break-word}
.landscape td:nth-child(2){min-width:90px;overflow-wrap:anywhere}
.landscape td:nth-child(3){min-width:120px}
.landscape td:nth-child(4){min-width:84px}
.findings{list-style:none}
.findings>li{padding:8px 0 8px 14px;border-left:3px solid var(--muted);margin-bottom:12px;break-inside:avoid}
.findings>li.error{border-color:var(--danger)}
.findings>li.warning{border-color:var(--hue-quantisation)}
.findings p{margin:0}
.findings ul{padding-left:18px;font-size:12.5px}
.severity{font-size:11px;font-weight:600;color:var(--muted);text-transform:uppercase;letter-spacing:.05em;margin-right:4px}
.detail{color:var(--muted);font-size:12.5px}
@media (max-width:720px){main{margin:0;padding:28px 20px;border:0}.title-block dl{grid-template-columns:1fr 1fr}}
@page{size:A4;margin:18mm 16mm 20mm;@bottom-left{content:"Weft design report";font:8.5pt system-ui,sans-serif;color:#5a6678}@bottom-right{content:counter(page) " / " counter(pages);font:8.5pt system-ui,sans-serif;color:#5a6678}}
@page wide{size:A4 landscape;margin:14mm 14mm 18mm}
@media print{
.landscape table{min-width:0}
html,main{background:none}
body{font-size:10pt}
main{max-width:none;margin:0;padding:0;border:0}
h1{font-size:22pt}h2{font-size:14pt;margin-top:24pt}
.verdict{font-size:11.5pt}
.new-page{break-before:page;border-top:0;margin-top:0;padding-top:0}
#operators,.landscape{page:wide}
.landscape table{font-size:7.5pt}
.landscape td,.landscape th{padding-right:6px}
.table{overflow:visible}
table{font-size:8.5pt}
details>summary{display:none}
details:not([open])::details-content{content-visibility:visible;height:auto}
.metric details{display:none}
.listing::before{content:attr(data-caption);color:var(--muted);font-size:8.5pt}
.listing pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:7pt}
nav.contents{margin-top:18pt;font-size:9pt}
.metrics{grid-template-columns:repeat(4,1fr);gap:18px 16px;margin-top:22px}
.metric .figure{font-size:15pt}
}
`.replaceAll('\n', '');
