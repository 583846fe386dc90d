/** The commands of the command line; to add one, write a file here and list it. */

import { bundleCommand } from './bundle.ts';
import { candidateCommand } from './candidate.ts';
import { checkCommand } from './check.ts';
import type { Command } from './command.ts';
import { compileCommand } from './compile.ts';
import { costCommand } from './cost.ts';
import { curveCommand } from './curve.ts';
import { diffCommand } from './diff.ts';
import { importCommand } from './import.ts';
import { mapCommand } from './map.ts';
import { packCommand } from './pack.ts';
import { presetsCommand } from './presets.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { rewriteCommand } from './rewrite.ts';
import { runCommandLine } from './run.ts';
import { scheduleCommand } from './schedule.ts';
import { sdfCommand } from './sdf.ts';
import { simulateCommand } from './simulate.ts';
import { studyCommand } from './study.ts';
import { verifyCommand } from './verify.ts';

export const COMMANDS: readonly Command[] = [
  importCommand,
  runCommandLine,
  reportCommand,
  bundleCommand,
  replayCommand,
  checkCommand,
  diffCommand,
  compileCommand,
  rewriteCommand,
  candidateCommand,
  scheduleCommand,
  costCommand,
  curveCommand,
  mapCommand,
  packCommand,
  simulateCommand,
  studyCommand,
  sdfCommand,
  verifyCommand,
  presetsCommand,
];
