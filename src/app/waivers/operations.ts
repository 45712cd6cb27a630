import { z } from 'zod';
import type { Ports } from '../../ports/ports.js';
import type { GitSession } from '../../ports/git.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Operation, OperationContext } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { useRepository } from '../use-repository.js';
import { approveWaiver } from './approve-waiver.js';
import { type WaiverRequest, requestWaiver, waiverRequestSchema } from './request-waiver.js';
import { type WaiverReport, reportWaiver, waiverReportSchema } from './waiver-report.js';
import { withdrawWaiver } from './withdraw-waiver.js';

/** Opens the repository and the store, and hands both over. */
function useBoth<Result>(
  ports: Ports,
  repository: string,
  { signal }: OperationContext,
  use: (git: GitSession, runtime: OpenRuntime) => Promise<Result>,
): Promise<Result> {
  return useRepository(ports, repository, signal, (git) => useRuntime(ports, signal, (runtime) => use(git, runtime)));
}

const requestOutputSchema = z
  .strictObject({ waiver: waiverReportSchema, file: z.string().describe('Holds the very bytes to be signed.') })
  .meta({ id: 'WaiverRequested' });
export type WaiverRequested = z.infer<typeof requestOutputSchema>;

export const waiverRequest: Operation<WaiverRequest, WaiverRequested> = {
  name: 'waiver request',
  summary: 'ask for a waiver: write the file that an approver signs',
  role: 'anyone',
  input: waiverRequestSchema,
  output: requestOutputSchema,
  run: (ports, input, context) =>
    useBoth(ports, input.repository, context, async (git, runtime) => {
      const { waiver, file } = await requestWaiver(ports, git, runtime, input);
      return { waiver: reportWaiver(ports.documents, waiver, ports.clock.nowMs()), file };
    }),
};

const listInputSchema = z.strictObject({ repository: z.string().min(1), spec: z.string().min(1).optional() });
export type WaiverListInput = z.infer<typeof listInputSchema>;
const listOutputSchema = z.strictObject({ waivers: z.array(waiverReportSchema) }).meta({ id: 'WaiverList' });
export type WaiverList = z.infer<typeof listOutputSchema>;

export const waiverList: Operation<WaiverListInput, WaiverList> = {
  name: 'waiver list',
  summary: 'list the waivers of a repository in the store, and where each stands',
  role: 'anyone',
  input: listInputSchema,
  output: listOutputSchema,
  run: (ports, { repository, spec }, context) =>
    useBoth(ports, repository, context, async (git, { waivers }) => {
      const stored = await waivers.list(await git.repositoryId(), spec);
      const nowMs = ports.clock.nowMs();
      return { waivers: stored.map((waiver) => reportWaiver(ports.documents, waiver, nowMs)) };
    }),
};

const idInputSchema = z.strictObject({ repository: z.string().min(1), id: z.string().min(1).describe('WV-0001') });
export type WaiverIdInput = z.infer<typeof idInputSchema>;

export const waiverShow: Operation<WaiverIdInput, WaiverReport> = {
  name: 'waiver show',
  summary: 'show a waiver, its whole life, and the bytes that approvers sign',
  role: 'anyone',
  input: idInputSchema,
  output: waiverReportSchema,
  run: (ports, { repository, id }, context) =>
    useBoth(ports, repository, context, async (git, { waivers }) => {
      const stored = await waivers.read(await git.repositoryId(), id);
      return reportWaiver(ports.documents, stored, ports.clock.nowMs());
    }),
};

const signInputSchema = z.strictObject({
  ...idInputSchema.shape,
  signature: z.string().min(1).optional().describe('The .sig file that ssh-keygen -Y sign wrote.'),
  key: z.string().min(1).optional().describe('An approver’s own key, which signs now.'),
});
export type WaiverSignInput = z.infer<typeof signInputSchema>;
const approveOutputSchema = z
  .strictObject({
    waiver: waiverReportSchema,
    added: z.boolean().describe('False when this key had approved it before.'),
    by: z.string(),
    needed: z.number().int().positive().describe('How many approvers the policy asks for.'),
    missing: z.string().nullable().describe('Why it does not count yet; null when it counts.'),
    resumed: z.array(z.string()).describe('Tasks that waited for it and go on.'),
  })
  .meta({ id: 'WaiverApproval' });
export type WaiverApproval = z.infer<typeof approveOutputSchema>;

export const waiverApprove: Operation<WaiverSignInput, WaiverApproval> = {
  name: 'waiver approve',
  summary: 'add an approver’s signature to a waiver, and wake the tasks that wait for it',
  role: 'human',
  input: signInputSchema,
  output: approveOutputSchema,
  run: (ports, input, context) =>
    useBoth(ports, input.repository, context, async (git, runtime) => {
      const { waiver, resumed, ...rest } = await approveWaiver(ports, git, runtime, input);
      return {
        waiver: reportWaiver(ports.documents, waiver, ports.clock.nowMs()),
        ...rest,
        resumed: [...resumed],
      };
    }),
};

/** `deny` and `revoke` differ in when they may be said. */
function withdrawal(
  name: string,
  kind: 'denied' | 'revoked',
  summary: string,
): Operation<WaiverSignInput, WaiverReport> {
  return {
    name,
    summary,
    role: 'human',
    input: signInputSchema,
    output: waiverReportSchema,
    run: (ports, input, context) =>
      useBoth(ports, input.repository, context, async (git, runtime) => {
        const stored = await withdrawWaiver(ports, git, runtime, { ...input, kind });
        return reportWaiver(ports.documents, stored, ports.clock.nowMs());
      }),
  };
}

export const waiverDeny = withdrawal('waiver deny', 'denied', 'say no to a waiver that was asked for');
export const waiverRevoke = withdrawal('waiver revoke', 'revoked', 'take an approved waiver back');
