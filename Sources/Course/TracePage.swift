/// A trace as a page of its own: the diagram, and the story as a list.
///
/// It needs nothing else, and can be read in light and in dark.
struct TracePage {
  /// The page.
  let html: String

  /// Writes it.
  ///
  /// - Parameters:
  ///   - trace: What happened.
  ///   - path: Where the trace is kept, for the command at the end.
  init(_ trace: Trace, path: String) {
    let story = trace.events.map { "<li><code>\($0.escaped)</code></li>" }
    let again = "swift run course check \(trace.check) --seed \(trace.seed) --runs 1"
    html =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>\(trace.check), seed \(trace.seed)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <h1>\(trace.check): \(trace.promise.escaped)</h1>
      <p>Broken with seed \(trace.seed). Time goes down; each process has a line of its own. Full
      arrows ask, dashed ones answer, a cross is a
      crash, a ring a restart.</p>
      <figure>
      \(Drawing(trace).svg)
      </figure>
      <h2>The same in words</h2>
      <ol>
      \(story.joined(separator: "\n"))
      </ol>
      \(trace.verdict.map { "<p>\($0.escaped)</p>" }.joined(separator: "\n"))
      <p>Step by step: <code>swift run course replay \(path.escaped) --step</code><br>
      Once more, after a change: <code>\(again)</code></p>
      </body>
      </html>

      """
  }

  private static let style = """
    :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #8a929c;
      --ask: #0b57b0; --answer: #0a6e3d; --bad: #b3261e; --bad-paper: #fdecea; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e8eb; --paper: #16191d; --faint: #808994; --ask: #7db4ff;
        --answer: #6fd39b; --bad: #ff8a80; --bad-paper: #3a1d1b; }
    }
    body { margin: 2rem; color: var(--ink); background: var(--paper);
      font: 16px/1.5 system-ui, sans-serif; }
    h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; }
    figure { margin: 1rem 0; overflow-x: auto; }
    svg { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: var(--ink); }
    svg text { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
    svg .number, svg .remark { fill: var(--faint); }
    svg .name { font-weight: 700; text-anchor: middle; }
    svg .life { stroke: var(--faint); stroke-width: 1.5; }
    svg .gone { stroke: var(--paper); stroke-width: 4; }
    svg .down { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 2 5; }
    svg line.ask { stroke: var(--ask); stroke-width: 1.5; }
    svg line.answer { stroke: var(--answer); stroke-width: 1.5; stroke-dasharray: 6 4; }
    svg text.ask, svg .ask-head { fill: var(--ask); }
    svg text.answer, svg .answer-head { fill: var(--answer); }
    svg line.strike, svg line.crash { stroke: var(--faint); stroke-dasharray: 3 3; }
    svg text.strike, svg text.crash { font-weight: 700; }
    svg text.crash { fill: var(--bad); } svg line.crash { stroke: var(--bad); }
    svg .cross { fill: none; stroke: var(--bad); stroke-width: 3; }
    svg .restart { fill: var(--paper); stroke: var(--answer); stroke-width: 3; }
    svg .dot { fill: var(--ink); }
    svg .broken { fill: var(--bad-paper); stroke: var(--bad); stroke-width: 1.5; }
    svg text.promise, svg text.verdict { fill: var(--bad); stroke: none; }
    svg text.promise { font-weight: 700; }
    """
}
