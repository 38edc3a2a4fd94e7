import { NestdockError } from '../common/errors/nestdock-error.js';
import { type ModuleTerms, type PermissionDecision, type Release } from '../kernel/index.js';
import { toPointer } from '../manifest/index.js';
import { type Module } from '../persistence/index.js';

/**
 * On what terms a release is run: as the operator has decided for the module; where nothing was, as its manifest asks.
 * @param granted what an operator grants now
 * @throws {NestdockError} PERMISSIONS_CHANGED, REQUEST_INVALID
 */
export function moduleTerms(
  row: Pick<Module, 'isolation' | 'permissions'>,
  { name, version, manifest }: Pick<Release, 'name' | 'version' | 'manifest'>,
  granted?: readonly string[],
): ModuleTerms {
  const asked = manifest.permissions ?? [];
  return {
    isolation: row.isolation ?? manifest.isolation ?? 'inline',
    permissions: granted ? grant(name, asked, granted) : standing(`${name} ${version}`, asked, row.permissions),
  };
}

function grant(name: string, asked: readonly string[], granted: readonly string[]): PermissionDecision {
  const problems = granted.flatMap((permission, index) =>
    asked.includes(permission)
      ? []
      : [
          {
            code: 'FIELD_INVALID',
            pointer: toPointer(['permissions', index]),
            message: `${name} does not ask for ${permission}`,
          },
        ],
  );
  if (problems.length === 0) return { asked, granted };
  throw new NestdockError('REQUEST_INVALID', problems.map(({ message }) => message).join('; '), { problems });
}

/** The first version gets what it asks for: whoever enables it sees that. What a later one asks for beyond is asked again. */
function standing(version: string, asked: readonly string[], decided: PermissionDecision | null): PermissionDecision {
  if (!decided) return { asked, granted: asked };
  const added = asked.filter((permission) => !decided.asked.includes(permission));
  if (added.length === 0) return decided;
  throw new NestdockError(
    'PERMISSIONS_CHANGED',
    `${version} asks for ${added.join(', ')}, which nobody has decided on`,
    {
      extensions: { asked, granted: decided.granted, added },
    },
  );
}
