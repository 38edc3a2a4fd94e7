import { CreateModulesJobsRuns1767225600000 } from './1767225600000-create-modules-jobs-runs.js';
import { CreateModuleSettings1767225620000 } from './1767225620000-create-module-settings.js';
import { CreateModuleMigration1767225640000 } from './1767225640000-create-module-migration.js';
import { AddModuleTerms1767225660000 } from './1767225660000-add-module-terms.js';
import { GuardModuleMigration1767225680000 } from './1767225680000-guard-module-migration.js';
import { CreateCluster1767225700000 } from './1767225700000-create-cluster.js';
import { AddRolloutTrials1767225720000 } from './1767225720000-add-rollout-trials.js';
import { ExtendHostModule1767225740000 } from './1767225740000-extend-host-module.js';

/** The host's own migrations, oldest first. Once released, one is never edited: write the next. */
export const HOST_MIGRATIONS = [
  CreateModulesJobsRuns1767225600000,
  CreateModuleSettings1767225620000,
  CreateModuleMigration1767225640000,
  AddModuleTerms1767225660000,
  GuardModuleMigration1767225680000,
  CreateCluster1767225700000,
  AddRolloutTrials1767225720000,
  ExtendHostModule1767225740000,
];
