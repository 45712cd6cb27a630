import type { Standing } from '../../../core/caws/scope.js';
import type { Git } from '../../../ports/git.js';
import type { Sandbox } from '../../../ports/sandbox.js';
import type { RoomFolders } from './room-folders.js';
import type { RoomMounts } from './room-mounts.js';
import type { RoomRequest } from './room-request.js';

/** What a room is made of once its folders are there. */
export interface Furniture {
  readonly request: RoomRequest;
  readonly sandbox: Sandbox;
  readonly git: Git;
  readonly folders: RoomFolders;
  readonly mounts: RoomMounts;
  readonly standingOf: (path: string) => Standing;
  /** The real key, which must come nowhere near the inside. */
  readonly secret: string | null;
  readonly token: string;
}
