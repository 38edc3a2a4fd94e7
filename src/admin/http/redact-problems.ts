import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { PROBLEM_MEDIA_TYPE } from '../../common/errors/send-problem.js';
import { type Problem } from '../../common/errors/problem.js';
import { type SecretRegistry } from '../../common/redaction/secret-registry.js';

/** Takes the secrets of modules out of every problem that is answered: its detail may be a module's own words. */
export function redactProblems(app: NestFastifyApplication, secrets: SecretRegistry): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onSend', (_request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    const isProblem = typeof type === 'string' && type.startsWith(PROBLEM_MEDIA_TYPE) && typeof payload === 'string';
    done(null, isProblem ? JSON.stringify(secrets.redact(JSON.parse(payload) as Problem)) : payload);
  });
}
