/** Crossover maps of a project, the last of each pair of documents and variant. They can be made again: a damaged one is none. */
import type { CrossoverSite, KeptCrossover } from '#core/contract/views.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import { packJson, unpackJson } from './codec.ts';
import type { Db } from './database.ts';
import { now } from './id.ts';

export interface CrossoverRow {
  readonly tasks: string;
  readonly fabric: string;
  readonly variant: string;
  readonly revisions: string;
  readonly study: Uint8Array;
  readonly created_at: string;
}

export interface CrossoverStore {
  /** Those that can be read, oldest first. */
  list(): readonly (CrossoverSite & KeptCrossover)[];
  get(site: CrossoverSite): KeptCrossover | null;
  /** In place of the one there is, made now unless said; nothing happens when a document has gone. */
  save(site: CrossoverSite, kept: Omit<KeptCrossover, 'createdAt'> & Partial<KeptCrossover>): void;
}

/** Of a project of a schema without crossover maps, which is open for reading only. */
const NONE: CrossoverStore = { list: () => [], get: () => null, save: () => {} };

export function createCrossoverStore(db: Db): CrossoverStore {
  if (!db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'crossovers'`).get()) return NONE;
  // A map waits with a removed document; a file of an older schema, open for reading only, knows of none.
  const canHide = db.prepare(`SELECT 1 FROM pragma_table_info('documents') WHERE name = 'removed_at'`).get();
  const both = `(SELECT count(*) FROM documents
                 WHERE id IN (@tasks, @fabric)${canHide ? ' AND removed_at IS NULL' : ''}) = 2`;
  const bySite = db.prepare<[CrossoverSite], CrossoverRow>(
    `SELECT * FROM crossovers WHERE tasks = @tasks AND fabric = @fabric AND variant = @variant AND ${both}`,
  );
  const put = db.prepare<[CrossoverRow]>(
    `INSERT OR REPLACE INTO crossovers (tasks, fabric, variant, revisions, study, created_at)
     SELECT @tasks, @fabric, @variant, @revisions, @study, @created_at
     WHERE ${both}`,
  );
  const sites = db.prepare<[], CrossoverSite>(
    'SELECT tasks, fabric, variant FROM crossovers ORDER BY created_at, rowid',
  );
  const get = (site: CrossoverSite): KeptCrossover | null => {
    const row = bySite.get(site);
    if (!row) return null;
    try {
      const revisions = JSON.parse(row.revisions) as KeptCrossover['revisions'];
      return { study: unpackJson<CrossoverStudy>(row.study), revisions, createdAt: row.created_at };
    } catch {
      return null;
    }
  };
  return {
    list: () =>
      sites.all().flatMap((site) => {
        const kept = get(site);
        return kept ? [{ ...site, ...kept }] : [];
      }),
    get,
    save: ({ tasks, fabric, variant }, { study, revisions, createdAt = now() }) => {
      put.run({
        tasks,
        fabric,
        variant,
        revisions: JSON.stringify(revisions),
        study: packJson(study),
        created_at: createdAt,
      });
    },
  };
}
