const ENVIRONMENT = 'environment:';

/** Keys to the host itself, and what changes how a process's Node starts. */
const WITHHELD = /^(?:ADMIN_TOKEN|SECRET_KEY(?:_PREVIOUS)?|DATABASE_URL|PG[A-Z]+|NODE_OPTIONS|LD_\w+)$/;

/** The variable that a permission `environment:NAME` asks for; undefined where it is another permission. */
export const variableAskedFor = (permission: string): string | undefined =>
  permission.startsWith(ENVIRONMENT) ? permission.slice(ENVIRONMENT.length) : undefined;

/** Whether a variable of the host's is given to no module, whatever is asked and granted. */
export const isWithheld = (variable: string): boolean => WITHHELD.test(variable);
