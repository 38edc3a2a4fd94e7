import { type FactoryProvider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource } from 'typeorm';
import { LOGGER, type Logger } from '../../common/logging/logger.js';
import { HOST_CONFIG, type HostConfig } from '../../config/index.js';
import { type HostDatabase } from '../host-database.js';
import { HOST_DATA_SOURCE, HOST_DATABASE } from '../tokens.js';
import { openSecretKeys, SecretKeys } from './secret-keys.js';

/** Makes the {@link SecretKeys}. Where they are refused the host does not start, and nobody else would close the database. */
export const SECRET_KEYS_PROVIDER: FactoryProvider<SecretKeys> = {
  provide: SecretKeys,
  inject: [HOST_CONFIG, HOST_DATABASE, getDataSourceToken(HOST_DATA_SOURCE), LOGGER],
  useFactory: async (config: HostConfig, database: HostDatabase, dataSource: DataSource, logger: Logger) => {
    try {
      const { keys, ...report } = await openSecretKeys(config, dataSource, database.kind);
      if (report.resealed > 0) logger.info(report, 'Secrets were sealed with the new key');
      if (report.unreadable > 0) logger.warn(report, 'Some secrets cannot be read with any key; set them anew');
      return keys;
    } catch (error) {
      await dataSource.destroy();
      await database.close();
      throw error;
    }
  },
};
