extension Page {
  /// The style sheet.
  ///
  /// Blue is correct and orange is wrong, distinguishable with color blindness. Text has a contrast of
  /// 4.5 or more on every color, in light and in dark.
  static let style = Markup.trusted(
    """
    :root {
      color-scheme: light dark;
      --page: #f4f6f8; --card: #ffffff; --ink: #1b2129; --soft: #596370; --line: #dde2e8;
      --track: #e8ecf1; --right: #2b6cb8; --wrong: #b1530c; --right-heat: #5596e5;
      --wrong-heat: #e98628; --edge: #1b212930; --right-faint: #9fc2ec; --wrong-faint: #eebd8e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #0f1318; --card: #171c23; --ink: #e6eaf0; --soft: #9ba6b3; --line: #2b323c;
        --track: #262d37; --right: #6fadf5; --wrong: #f29a4e; --right-heat: #3069ae;
        --wrong-heat: #9d5510; --edge: #00000090; --right-faint: #345a88; --wrong-faint: #75461a;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 56px; }
    h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -0.02em; font-weight: 650; }
    h2 { font-size: 20px; line-height: 1.3; margin: 0 0 6px; letter-spacing: -0.01em; }
    h3 { font-size: 15px; margin: 28px 0 8px; }
    .sides h3 { margin-top: 4px; }
    p { margin: 0 0 16px; max-width: 84ch; text-wrap: pretty; }
    a { color: var(--right); }
    .lead { color: var(--soft); margin: 6px 0 0; overflow-wrap: anywhere; }
    .note { color: var(--soft); font-size: 14px; }
    nav { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 24px 0 16px; font-size: 14px; }
    nav a { text-decoration: none; padding: 4px 0; }
    nav a:hover { text-decoration: underline; }
    section {
      background: var(--card); border: 1px solid var(--line); border-radius: 12px;
      padding: 24px; margin: 0 0 20px; scroll-margin-top: 12px;
    }
    footer { color: var(--soft); font-size: 13px; margin-top: 28px; }
    .figures {
      display: grid; gap: 12px; margin: 28px 0 0;
      grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
    }
    .figure {
      background: var(--card); border: 1px solid var(--line); border-radius: 12px;
      padding: 16px;
    }
    .figure .name { color: var(--soft); font-size: 13px; }
    .figure .value { font-size: 28px; line-height: 1.25; letter-spacing: -0.02em; }
    .figure .value { font-weight: 600; text-wrap: balance; }
    .figure .more { color: var(--soft); font-size: 12px; }
    .figure.first .value { color: var(--right); }
    .scroll {
      overflow-x: auto; max-width: 100%;
      background:
        linear-gradient(to right, var(--card) 40%, transparent) left / 32px 100% no-repeat local,
        linear-gradient(to left, var(--card) 40%, transparent) right / 32px 100% no-repeat local,
        linear-gradient(to right, var(--edge), transparent) left / 10px 100% no-repeat scroll,
        linear-gradient(to left, var(--edge), transparent) right / 10px 100% no-repeat scroll;
    }
    .sides { display: grid; gap: 8px 40px; align-items: start; }
    .sides { grid-template-columns: minmax(0, auto) minmax(0, 1fr); }
    table { border-collapse: collapse; width: 100%; font-size: 14px; }
    th, td { text-align: left; padding: 6px 12px; border-bottom: 1px solid var(--line); }
    th:first-child, td:first-child { padding-left: 0; }
    th:last-child, td:last-child { padding-right: 0; }
    tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
    th { font-weight: 600; }
    thead th { color: var(--soft); font-size: 13px; white-space: nowrap; vertical-align: bottom; }
    .dense { font-size: 13px; }
    .dense th, .dense td { padding-top: 3px; padding-bottom: 3px; }
    .dense td, figcaption { overflow-wrap: anywhere; }
    .number { text-align: right; white-space: nowrap; }
    .quiet { color: var(--soft); }
    th button {
      font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
    }
    th button:hover { color: var(--ink); text-decoration: underline; }
    th[aria-sort="ascending"] button::after { content: " ↑"; }
    th[aria-sort="descending"] button::after { content: " ↓"; }
    .measure { display: flex; align-items: center; gap: 12px; }
    .measure span { min-width: 58px; }
    .bar { flex: 1; width: 0; min-width: 52px; height: 12px; border-radius: 3px; }
    .bar { background: var(--track); }
    .bar .share { fill: var(--right-heat); height: 12px; }
    .bar .interval { fill: var(--ink); height: 2px; y: 5px; }
    .classes { table-layout: fixed; min-width: 620px; overflow-wrap: anywhere; }
    .classes .barred { width: 34%; }
    .classes .named { width: 24%; }
    .settings { table-layout: auto; }
    .settings th { color: var(--soft); font-weight: 400; width: 1%; white-space: nowrap; }
    .settings th, .settings td { vertical-align: top; }
    .settings td { overflow-wrap: anywhere; }
    pre, code, .file { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
    pre {
      background: var(--page); border: 1px solid var(--line); border-radius: 8px; margin: 8px 0 0;
      padding: 12px 14px; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere;
    }
    summary { cursor: pointer; color: var(--right); padding: 4px 0; margin-top: 16px; }
    svg.drawing { display: block; }
    svg.shrinks { max-width: 100%; height: auto; }
    svg text { font-size: 12px; fill: var(--ink); }
    svg .tick, svg .axis { fill: var(--soft); }
    svg .middle { text-anchor: middle; }
    svg .end { text-anchor: end; }
    svg .mark { stroke: var(--soft); }
    svg .grid { stroke: var(--line); }
    svg .ideal { stroke: var(--ink); stroke-dasharray: 5 4; }
    svg .bin { fill: var(--right-heat); }
    svg .confidence { stroke: var(--wrong); stroke-width: 3; }
    svg .histogram { fill: var(--soft); fill-opacity: 0.7; }
    svg .hidden { fill: transparent; }
    svg .cell { stroke: var(--card); }
    svg .none { fill: var(--track); fill-opacity: 0.5; }
    svg .right { fill: var(--right-heat); }
    svg .wrong { fill: var(--wrong-heat); }
    svg .count { text-anchor: middle; font-size: 11px; pointer-events: none; }
    .pixels { image-rendering: pixelated; }
    .for-dark { display: none; }
    @media (prefers-color-scheme: dark) {
      .for-light { display: none; }
      .for-dark { display: block; }
    }
    .chart { display: block; overflow: visible; }
    .chart { width: calc(100% - 64px); margin: 0 12px 0 52px; }
    .curves { overflow: visible; }
    .curve { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
    .curve { stroke-linecap: round; stroke-linejoin: round; }
    .curve.first { stroke: var(--right); }
    .curve.second { stroke: var(--wrong); }
    .curve.faint { stroke-width: 1; }
    .curve.first.faint { stroke: var(--right-faint); }
    .curve.second.faint { stroke: var(--wrong-faint); }
    .piece .faint { stroke-width: 3; }
    .curve.dashed { stroke-dasharray: 6 4; stroke-linecap: butt; }
    .curve.dots { stroke-width: 6; }
    .curve.best { stroke-width: 10; }
    .spot { fill: transparent; }
    .spot:hover { fill: var(--ink); fill-opacity: 0.08; }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 16px; }
    .legend { color: var(--soft); font-size: 13px; }
    .piece { vertical-align: middle; margin-right: 6px; }
    .tall { max-height: 560px; overflow-y: auto; }
    .tall thead th { position: sticky; top: 0; background: var(--card); }
    tr.best td { color: var(--right); font-weight: 600; }
    .key { display: inline-block; width: 11px; height: 11px; border-radius: 2px; }
    .key.right { background: var(--right-heat); }
    .key.confidence { background: var(--wrong); height: 3px; margin-bottom: 3px; }
    .key.wrong { background: var(--wrong-heat); }
    .mistakes {
      display: grid; gap: 20px 16px; margin: 16px 0 0; padding: 0;
      grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
    }
    .mistakes figure { margin: 0; min-width: 0; }
    .mistakes .frame {
      display: flex; align-items: center; justify-content: center; aspect-ratio: 1;
      background: var(--track); border-radius: 8px; overflow: hidden;
    }
    .mistakes img { width: 100%; height: 100%; object-fit: contain; }
    .mistakes .tiny { image-rendering: pixelated; }
    .mistakes .frame { color: var(--soft); font-size: 13px; text-align: center; }
    figcaption { font-size: 13px; line-height: 1.4; margin-top: 8px; }
    figcaption .said { color: var(--wrong); font-weight: 600; display: block; }
    figcaption .is { display: block; }
    figcaption .file {
      display: block; color: var(--soft); font-size: 11px; white-space: nowrap; overflow: hidden;
      text-overflow: ellipsis;
    }
    .failures { margin: 0; padding-left: 2.2em; font-size: 14px; overflow-wrap: anywhere; }
    @media (max-width: 760px) {
      main { padding: 24px 14px 40px; }
      section { padding: 18px 16px; }
      .sides { grid-template-columns: minmax(0, 1fr); }
      .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .figure { padding: 12px 14px; }
      .figure .value { font-size: 24px; }
      .mistakes { grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); }
      th, td { padding: 6px 8px; }
      .classes { min-width: 520px; }
    }
    @media (max-width: 380px) {
      .figure .value { font-size: 19px; }
    }
    @media print {
      :root { color-scheme: light; --page: #ffffff; }
      body { font-size: 11px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      nav, summary { display: none; }
      main { max-width: none; padding: 0; }
      section { border: 0; padding: 0; margin-top: 24px; }
      tr, figure, .figure, svg { break-inside: avoid; }
      .scroll { overflow: visible; max-height: none; background: none; }
      h2, h3, .note { break-after: avoid; }
      svg.drawing { max-width: 100%; height: auto; }
    }
    """)
}
