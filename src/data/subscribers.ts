import { PROPERTY_DEPS_METADATA } from '@nestjs/common/constants.js';
import { type ModuleEntities } from '../kernel/index.js';

type SubscriberClass = ModuleEntities['subscribers'][number];

/**
 * Whether TypeORM can make a subscriber. One that has something injected is a provider of the module's, and adds itself
 * to `dataSource.subscribers`, as Nest's documentation has it.
 */
export const isMadeByTypeOrm = (subscriber: SubscriberClass): boolean =>
  subscriber.length === 0 && !Reflect.hasMetadata(PROPERTY_DEPS_METADATA, subscriber);
