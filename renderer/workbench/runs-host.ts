/** What the workbench needs of the host, and nothing more; the shell connects it to the typed client. */
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '#core/contract/contract.ts';

export interface RunsHost {
  readonly runs: ContractRouterClient<Contract['runs']>;
  /** `POST /upload?name=…`; the upload's id. */
  readonly upload: (file: File) => Promise<string>;
  /** `GET /runs/<id>/result`; the JSON text of a RunResult or a SimulationResult. */
  readonly fetchResult: (run: string) => Promise<string>;
  /** Saves `GET /blob/<blob>` under `name`, as the browser's download does. */
  readonly download: (blob: string, name: string) => void;
}

/** Calls the host; null where there is none or the call failed, which is then told. */
export type Attempt = <T>(call: (connected: RunsHost) => Promise<T>) => Promise<T | null>;
