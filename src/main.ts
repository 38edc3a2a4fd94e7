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
  stopOnSignals(host, config.drainTimeoutMs + STOP_GRACE_MS);
  await host.start({ watchModules: process.argv.includes('--watch-modules') });
}

function stopOnSignals(host: Host, deadlineMs: number): void {
  const stop = (signal: NodeJS.Signals) => {
    host.logger.info({ signal }, 'Stopping');
    setTimeout(() => {
      host.logger.error({ deadlineMs }, 'Stopping took too long; ending now');
      process.exit(1);
    }, deadlineMs).unref();
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        host.logger.error({ err: error }, 'Stopping failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const problem = failureProblem(codedError(error, 'START_FAILED'));
  process.stderr.write(`Nestdock could not start: ${describeProblem(problem)}\n${problem.remedy}\n`);
  process.exit(1);
});
