import { type INestApplicationContext } from '@nestjs/common';
import { FaultNet } from './fault-net.js';
import { Intrinsics } from './intrinsics.js';
import { type FaultKind } from './module-faults.js';
import { ProcessGuard } from './process-guard.js';

/**
 * Guards the process that the host runs in against its modules. For a process that is the host's alone.
 * @param onHostFault told what no module can be blamed for
 * @returns what leaves the process as it was
 */
export function spreadNet(
  app: INestApplicationContext,
  onHostFault: (error: Error, kind: FaultKind) => void,
): () => void {
  const undos = [
    app.get(FaultNet).install(process, onHostFault),
    app.get(ProcessGuard).install(process),
    app.get(Intrinsics).watch(),
  ];
  return () => undos.reverse().forEach((undo) => undo());
}
