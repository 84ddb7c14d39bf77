/** The version of this server: that of its package, written in when it is bundled. */
declare const MIG_VERSION: string | undefined;

export const version: string = typeof MIG_VERSION === 'string' ? MIG_VERSION : '0.0.0-source';
