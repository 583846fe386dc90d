/** The five steps of the tour: what each says, and what on screen it is about, best first. */

export interface TourStep {
  readonly title: string;
  /** `{id}` stands for the keys of that action, or its name. */
  readonly text: string;
  /** Values of `data-tour`; the first on screen is pointed at. */
  readonly anchors: readonly string[];
  /** Said while none of them is on screen. */
  readonly missing: string;
}

export const TOUR_STEPS: readonly TourStep[] = [
  {
    title: 'Open a model',
    text: 'Drop an .onnx file anywhere on the window, or open an example. It opens at once, repeated blocks folded.',
    anchors: ['open', 'documents'],
    missing: 'The start page has examples and takes dropped files.',
  },
  {
    title: 'Draw the hardware',
    text: 'An accelerator is a drawing too: start from a preset or an empty page. Drag units and memories from the palette, or press {edit.insert} and type a name. Set what you select in the inspector; the estimate in the status bar follows.',
    anchors: ['palette', 'presets'],
    missing: 'Open a project: palette and outline are on the left.',
  },
  {
    title: 'Run',
    text: 'Run compiles the model onto the hardware, schedules it with a proof or a gap, and simulates it to the cycle. {run.start} does the same from anywhere.',
    anchors: ['run'],
    missing: 'Run is at the top right once a project is open.',
  },
  {
    title: 'Read why',
    text: 'Totals come first, then what limits the run and what would help. Select an operator, and timeline, memory map, model and hardware all show it. Hover any figure for its formula and source.',
    anchors: ['bottom', 'run-head'],
    missing: 'A finished run opens by itself, with its views below.',
  },
  {
    title: 'Take it with you',
    text: 'Export writes the report as HTML, PDF, Markdown, CSV, JSON or a Perfetto trace, with every input and a command that repeats the run. The project is one file. {help.commands} finds commands, documents and nodes; {help.pages} explains every view.',
    anchors: ['export', 'commands'],
    missing: 'Export is at the top of every finished run.',
  },
];
