import 'reflect-metadata';
import { describeProblem } from './common/errors/describe-problem.js';
import { failureProblem, codedError } from './common/errors/failure-problem.js';
import { createLogger } from './common/logging/logger.js';
import { SecretRegistry } from './common/redaction/secret-registry.js';
import { readConfig } from './config/index.js';
import { createHost, type Host } from './host.js';

/** How long the host may take to stop beyond the drain deadline, before it ends the hard way. */
const STOP_GRACE_MS = 5_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const secrets = new SecretRegistry();
  const logger = createLogger({
    level: config.logLevel,
    pretty: process.stdout.isTTY && config.environment !== 'production',
    secrets,
  });
  const host = await createHost(config, logger, secrets);
  const stop = stopper(host, config.drainTimeoutMs + STOP_GRACE_MS);
  host.guardProcess((err, fault) => {
    logger.fatal({ err, fault }, 'The host failed, and no module can be blamed for it: it stops, to be started anew');
    stop(1);
  });
  stopOnSignals(host, stop);
  await host.start({ watchModules: process.argv.includes('--watch-modules') });
}

/** @returns what stops the host in good order and ends the process; called again, the worse exit code counts. */
function stopper(host: Host, deadlineMs: number): (exitCode: number) => void {
  let worst: number | undefined;
  return (exitCode) => {
    const isStopping = worst !== undefined;
    worst = Math.max(worst ?? 0, exitCode);
    if (isStopping) return;
    setTimeout(() => {
      host.logger.error({ deadlineMs }, 'Stopping took too long; ending now');
      process.exit(1);
    }, deadlineMs).unref();
    host.stop().then(
      () => process.exit(worst),
      (error: unknown) => {
        host.logger.error({ err: error }, 'Stopping failed');
        process.exit(1);
      },
    );
  };
}

function stopOnSignals(host: Host, stop: (exitCode: number) => void): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      host.logger.info({ signal }, 'Stopping');
      stop(0);
    });
  }
}

main().catch((error: unknown) => {
  const problem = failureProblem(codedError(error, 'START_FAILED'));
  process.stderr.write(`Nestdock could not start: ${describeProblem(problem)}\n${problem.remedy}\n`);
  process.exit(1);
});
