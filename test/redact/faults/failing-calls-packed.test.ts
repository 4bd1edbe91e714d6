import { describeFailingCalls, PACKED } from './failing-calls.js';

describeFailingCalls(PACKED);
