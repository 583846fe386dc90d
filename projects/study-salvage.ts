/** What can be saved of the studies of a damaged project: a study with its points up to the first that is gone. */
import { gunzipSync } from 'node:zlib';
import type { Db } from './database.ts';
import type { StoredState, StudyPointRow, StudyRow } from './study-store.ts';

type ReadRows = <T>(db: Db, table: string) => { readonly rows: readonly T[]; readonly unreadable: number };

/**
 * The explorer's state is of all points: where some are lost the study is done with what there is, for it cannot go on
 * exactly.
 * @returns how many studies were lost.
 */
export function copyStudies(readRows: ReadRows, source: Db, target: Db): number {
  const studies = readRows<StudyRow>(source, 'studies');
  const points = Map.groupBy(readRows<StudyPointRow>(source, 'study_points').rows, ({ study }) => study);
  const put = target.prepare<[StudyRow]>(
    `INSERT OR REPLACE INTO studies (id, number, spec, metrics, inputs, explorer_state, state, failure, planned, reused, created_at)
     VALUES (@id, @number, @spec, @metrics, @inputs, @explorer_state, @state, @failure, @planned, @reused, @created_at)`,
  );
  const putPoint = target.prepare<[StudyPointRow]>(
    `INSERT OR REPLACE INTO study_points (study, position, choice, metrics, failure, run)
     VALUES (@study, @position, @choice, @metrics, @failure, @run)`,
  );
  let lost = studies.unreadable;
  for (const row of studies.rows) {
    const whole = upToGap(points.get(row.id) ?? []);
    try {
      if (gunzipSync(row.inputs).length === 0) throw new Error('nothing is left of its documents');
      for (const text of [row.spec, row.metrics]) JSON.parse(text);
      const state = JSON.parse(row.explorer_state) as StoredState | null;
      const isShort = whole.length < (state?.after ?? 0);
      const failure = readable(row.failure);
      put.run(isShort ? { ...row, failure, state: 'done', planned: whole.length } : { ...row, failure });
      for (const point of whole) putPoint.run(point);
    } catch {
      lost++;
    }
  }
  return lost;
}

/** JSON, or null where it is none: what is told of a study is less than its points. */
function readable(text: string | null): string | null {
  try {
    JSON.parse(text ?? 'null');
    return text;
  } catch {
    return null;
  }
}

/** Points 0, 1, 2 … whose JSON can be read. */
function upToGap(rows: readonly StudyPointRow[]): readonly StudyPointRow[] {
  const whole: StudyPointRow[] = [];
  for (const row of rows.toSorted((a, b) => a.position - b.position)) {
    if (row.position !== whole.length) break;
    try {
      JSON.parse(row.choice);
      JSON.parse(row.metrics);
    } catch {
      break;
    }
    whole.push(row);
  }
  return whole;
}
