import { describeOnBothDatabases } from './support/both-databases.js';
import { crashPointTests } from './support/crash-points.js';

describeOnBothDatabases('a host that is killed in the middle of', crashPointTests);
