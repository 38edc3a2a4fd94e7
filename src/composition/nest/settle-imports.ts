import { type DynamicModule, type ForwardReference, type Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';

type Definition = Type | DynamicModule | ForwardReference | Promise<DynamicModule> | undefined;

/**
 * Waits for every promised dynamic module below a definition, so that the scan, which all loads share, waits for none.
 * @returns the dynamic modules among the imports.
 */
export async function settleImports(definition: DynamicModule): Promise<DynamicModule[]> {
  const seen = new Set<unknown>();
  const dynamic: DynamicModule[] = [];
  const visit = async (given: Definition): Promise<void> => {
    const awaited = await given;
    if (!awaited || seen.has(awaited)) return;
    seen.add(awaited);
    // The scanner resolves a forward reference itself, and reports what is wrong with it.
    if ('forwardRef' in awaited) return;
    if (isDynamic(awaited)) dynamic.push(awaited);
    await Promise.all(importsOf(awaited).map(visit));
  };
  await visit(definition);
  return dynamic;
}

function importsOf(definition: Type | DynamicModule): Definition[] {
  const type = isDynamic(definition) ? definition.module : definition;
  const declared = (Reflect.getMetadata(MODULE_METADATA.IMPORTS, type) ?? []) as Definition[];
  return isDynamic(definition) ? [...declared, ...((definition.imports ?? []) as Definition[])] : declared;
}

function isDynamic(definition: Type | DynamicModule): definition is DynamicModule {
  return 'module' in definition;
}
