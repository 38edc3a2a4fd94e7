import { type SecretRegistry } from '../common/redaction/secret-registry.js';
import { type SecretBox } from '../common/secret-box.js';
import { type FieldValues, openSecrets } from '../manifest/index.js';
import { type Job } from '../persistence/index.js';

/** The secrets in the config of jobs, and how nothing of them gets into what runs leave behind. */
export class JobSecrets {
  constructor(
    private readonly box: SecretBox,
    private readonly known: SecretRegistry,
  ) {}

  /** Seals and opens those of one job. */
  boxOf({ module, key }: Pick<Job, 'module' | 'key'>): SecretBox {
    return this.box.within(module, key);
  }

  /**
   * A job's config as its handler gets it. Its secrets are known from then on.
   * @throws {NestdockError} SECRET_UNREADABLE
   */
  open(job: Pick<Job, 'module' | 'key'>, config: FieldValues): Record<string, unknown> {
    const opened = openSecrets(config, this.boxOf(job));
    const secrets = Object.keys(opened).filter((key) => opened[key] !== config[key]);
    this.known.remember(
      job.module,
      secrets.map((key) => String(opened[key])),
    );
    return opened;
  }

  redactText(text: string): string {
    return this.known.redact(text);
  }

  /** JSON without the secrets. */
  readonly redactJson = (json: string): string => this.known.redactJson(json);
}
