/** Where the user's things live: settings in the platform's configuration folder, projects in plain sight. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Places {
  /** Settings, the list of recent projects, the lock of the running host. */
  readonly config: string;
  /** New projects. */
  readonly projects: string;
}

/** WEFT_HOME, or `home` when given, holds everything; without it the platform's own folders. */
export function places(home: string | undefined = process.env.WEFT_HOME, env = process.env): Places {
  if (home) return { config: resolve(home), projects: resolve(home, 'projects') };
  const user = homedir();
  const config =
    process.platform === 'win32'
      ? join(env.APPDATA ?? join(user, 'AppData', 'Roaming'), 'weft')
      : process.platform === 'darwin'
        ? join(user, 'Library', 'Application Support', 'weft')
        : join(env.XDG_CONFIG_HOME || join(user, '.config'), 'weft');
  return { config, projects: join(user, 'Weft') };
}
