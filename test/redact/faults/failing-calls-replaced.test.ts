import { describeFailingCalls, REPLACED } from './failing-calls.js';

describeFailingCalls(REPLACED);
