/** A bracket for commands that ask the platform. */
import type { Platform } from '../platform/platform.ts';
import type { Context } from './command.ts';

/** Calls `use` with the platform, and closes its connections afterwards. */
export async function withPlatform(context: Context, use: (platform: Platform) => Promise<number>): Promise<number> {
  const platform = await context.platform();
  try {
    return await use(platform);
  } finally {
    await platform.close();
  }
}
