/** The whole contract, implemented: one service per namespace. */
import { implement } from '@orpc/server';
import { contract } from '#core/contract/contract.ts';
import type { Backend } from '../backend.ts';
import { candidatesService } from './candidates.ts';
import { checkpointsService } from './checkpoints.ts';
import { crossoversService } from './crossovers.ts';
import { documentsService } from './documents.ts';
import { hostService } from './host.ts';
import { projectsService } from './projects.ts';
import { reportsService } from './reports.ts';
import { runsService } from './runs.ts';
import { studiesService } from './studies.ts';

export function createRouter(backend: Backend) {
  return implement(contract).router({
    host: hostService(backend),
    projects: projectsService(backend),
    documents: documentsService(backend),
    runs: runsService(backend),
    crossovers: crossoversService(backend),
    candidates: candidatesService(backend),
    studies: studiesService(backend),
    checkpoints: checkpointsService(backend),
    reports: reportsService(backend),
  });
}
