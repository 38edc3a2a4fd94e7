import { isWithheld, variableAskedFor } from '../environment-permission.js';
import { type JsonObject } from '../json-value.js';
import { type ProblemList } from '../problem-list.js';
import { quote } from '../wording.js';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Checks which variables of the environment are asked for. */
export function checkPermissions({ permissions }: JsonObject, problems: ProblemList): void {
  if (!Array.isArray(permissions)) return;
  for (const [index, permission] of permissions.entries()) {
    const at = ['permissions', index];
    const variable = typeof permission === 'string' && problems.isSound(at) ? variableAskedFor(permission) : undefined;
    if (variable === undefined) continue;
    if (!VARIABLE.test(variable)) {
      const message = `${quote(variable)} is no name of an environment variable`;
      problems.add('MANIFEST_PERMISSION_INVALID', { at }, { message, hint: 'such as `environment:API_KEY`' });
    } else if (isWithheld(variable)) {
      const message = `no module may have the host's own ${quote(variable)}`;
      const hint = 'give the module a setting, or a variable of another name';
      problems.add('MANIFEST_PERMISSION_WITHHELD', { at }, { message, hint });
    }
  }
}
