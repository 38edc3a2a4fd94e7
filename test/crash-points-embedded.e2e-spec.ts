import { describe } from '@jest/globals';
import { crashPointTests } from './support/crash-points.js';

describe('a host that is killed, on the embedded database, in the middle of', () => crashPointTests());
