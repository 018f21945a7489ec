/** The NVIDIA driver, as the system tells of it. */
import { existsSync, readFileSync } from 'node:fs';

export interface NvidiaDriver {
  /** `550.54.15`; absent where the system names none, as under WSL. */
  readonly version?: string | undefined;
}

export interface SystemFiles {
  readonly exists: (path: string) => boolean;
  readonly read: (path: string) => string;
}

const VERSION_FILE = '/proc/driver/nvidia/version';
/** Windows Subsystem for Linux has the driver's library and no kernel module. */
const WSL_LIBRARY = '/usr/lib/wsl/lib/libcuda.so.1';

const ON_DISK: SystemFiles = { exists: existsSync, read: (path) => readFileSync(path, 'utf8') };

/** Undefined where there is no driver. */
export function nvidiaDriver({ exists, read }: SystemFiles = ON_DISK): NvidiaDriver | undefined {
  // NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024
  if (exists(VERSION_FILE)) return { version: /\s(\d+(?:\.\d+)+)\s/.exec(read(VERSION_FILE))?.[1] };
  return exists(WSL_LIBRARY) ? {} : undefined;
}
