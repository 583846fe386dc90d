/** The five steps of the tour: what each says, and what on screen it is about, best first. */

export interface TourStep {
  readonly title: string;
  /** `{id}` stands for the keys of that action. */
  readonly text: string;
  /** Values of `data-tour`; the first on screen is pointed at. */
  readonly anchors: readonly string[];
  /** Said while none of them is on screen. */
  readonly missing: string;
}

export const TOUR_STEPS: readonly TourStep[] = [
  {
    title: 'Open a model',
    text: 'Drop an .onnx file anywhere on the window, or open an example. It comes up at once, repeated blocks closed.',
    anchors: ['open', 'documents'],
    missing: 'The start page has examples and takes files.',
  },
  {
    title: 'Draw the hardware',
    text: 'An accelerator is a drawing too, begun from a preset or from nothing. In its tab, drag units and memories from the palette, or press {edit.insert} and type a name. What is selected is set in the inspector, and the estimate in the status bar follows.',
    anchors: ['palette', 'presets'],
    missing: 'Open a project: palette and outline stand on the left.',
  },
  {
    title: 'Run',
    text: 'Run compiles the model onto the hardware, schedules it with a proof or a gap, and simulates it to the cycle. {run.start} does the same from anywhere.',
    anchors: ['run'],
    missing: 'Run stands at the top right once a project is open.',
  },
  {
    title: 'Read why',
    text: 'Totals come first, then what limits the run and what would help. Select an operator: timeline, memory map, model and hardware show the same one. Hover any figure for its formula and source.',
    anchors: ['bottom', 'run-head'],
    missing: 'A finished run opens by itself, its views below it.',
  },
  {
    title: 'Take it with you',
    text: 'Export writes the report as HTML, PDF, Markdown, CSV, JSON or a Perfetto trace, with every input and a command that repeats the run. The project is one file. {help.commands} finds everything else: commands, documents, nodes; {help.pages} says what every view is for.',
    anchors: ['export', 'commands'],
    missing: 'Export stands at the head of every finished run.',
  },
];
