import { describeFailingCalls, UNSIGNED } from './failing-calls.js';

describeFailingCalls(UNSIGNED);
