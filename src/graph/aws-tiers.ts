import type { Tier } from "../model/index.ts";
import { ANY_ACTION } from "./aws-actions.ts";

/**
 * Which sentinel actions make which tier.
 *
 * - **admin**: every action of every service, with a direct hold on policies among them. `iam:*` alone is one step
 *   short of it and therefore *can-escalate*; everything except IAM (as AWS's PowerUserAccess grants) is not admin.
 * - **can-escalate**: one of the combinations below, on resources of any name. Narrowed to named resources or under a
 *   condition it depends on what those are, and the answer is "possible".
 * - **secrets**, **data-write**, **data-read**: one of the actions, on any resource at all.
 */
export interface TierRule {
  readonly tier: Exclude<Tier, "low" | "unknown">;
  /** Actions that together make the tier. */
  readonly actions: readonly string[];
  /** Whether they count only on resources of any name. */
  readonly wide: boolean;
  /** What else must hold that policies do not tell: the tier is then never more than possible. */
  readonly depends?: string;
  /** The page that describes the combination. */
  readonly source: string;
}

const RHINO = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/";
const PASS_ROLE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html";
const BOUNDARIES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html";

/** A hold on what identities may do, or on another identity's way in: sufficient alone. */
const DIRECT = [
  "iam:CreatePolicyVersion",
  "iam:SetDefaultPolicyVersion",
  "iam:AttachUserPolicy",
  "iam:AttachGroupPolicy",
  "iam:AttachRolePolicy",
  "iam:PutUserPolicy",
  "iam:PutGroupPolicy",
  "iam:PutRolePolicy",
  "iam:AddUserToGroup",
  "iam:UpdateAssumeRolePolicy",
  "iam:CreateAccessKey",
  "iam:CreateLoginProfile",
  "iam:UpdateLoginProfile",
] as const;

const escalate = (source: string, ...combinations: readonly (readonly string[])[]): readonly TierRule[] =>
  combinations.map((actions) => ({ tier: "can-escalate", actions, wide: true, source }));

const each = (
  tier: "secrets" | "data-write" | "data-read",
  source: string,
  ...actions: readonly string[]
): readonly TierRule[] => actions.map((action) => ({ tier, actions: [action], wide: false, source }));

const ADMIN_POLICIES = [
  "iam:CreatePolicyVersion",
  "iam:AttachUserPolicy",
  "iam:AttachGroupPolicy",
  "iam:AttachRolePolicy",
  "iam:PutUserPolicy",
  "iam:PutGroupPolicy",
  "iam:PutRolePolicy",
] as const;

/** Strongest first; within a tier, the plainest explanation first. */
export const TIER_RULES: readonly TierRule[] = [
  ...ADMIN_POLICIES.map((action): TierRule => ({
    tier: "admin",
    actions: [ANY_ACTION, action],
    wide: true,
    source: "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
  })),

  ...escalate(RHINO, ...DIRECT.map((action) => [action])),
  ...escalate(BOUNDARIES, ["iam:DeleteUserPermissionsBoundary"], ["iam:DeleteRolePermissionsBoundary"]),
  ...escalate("https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html", [
    "iam:UpdateSAMLProvider",
  ]),
  ...escalate(
    RHINO,
    ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
    ["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    ["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"],
    ["iam:PassRole", "ec2:RunInstances"],
    ["iam:PassRole", "cloudformation:CreateStack"],
    ["iam:PassRole", "glue:CreateDevEndpoint"],
    ["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
    [
      "iam:PassRole",
      "datapipeline:CreatePipeline",
      "datapipeline:PutPipelineDefinition",
      "datapipeline:ActivatePipeline",
    ],
    ["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    ["lambda:UpdateFunctionCode"],
    ["glue:UpdateDevEndpoint"],
    ["sagemaker:CreatePresignedNotebookInstanceUrl"],
  ),
  ...escalate(
    PASS_ROLE,
    ["iam:PassRole", "ec2:AssociateIamInstanceProfile"],
    ["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
    ["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
    ["iam:PassRole", "codebuild:UpdateProject", "codebuild:StartBuild"],
    ["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"],
    ["iam:PassRole", "batch:RegisterJobDefinition", "batch:SubmitJob"],
    ["iam:PassRole", "apprunner:CreateService"],
    ["iam:PassRole", "sagemaker:CreateTrainingJob"],
    ["iam:PassRole", "sagemaker:CreateProcessingJob"],
    ["iam:PassRole", "elasticmapreduce:RunJobFlow"],
    ["iam:PassRole", "scheduler:CreateSchedule"],
    ["iam:PassRole", "ssm:StartAutomationExecution"],
    ["iam:PassRole", "glue:UpdateJob", "glue:StartJobRun"],
  ),
  ...escalate("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html", [
    "cloudformation:UpdateStack",
  ]),
  ...escalate(
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html",
    ["ssm:SendCommand"],
    ["ssm:StartSession"],
  ),
  ...escalate("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-connect-methods.html", [
    "ec2-instance-connect:SendSSHPublicKey",
  ]),
  ...escalate("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html", ["ecs:ExecuteCommand"]),
  ...escalate("https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html", [
    "states:UpdateStateMachine",
    "states:StartExecution",
  ]),
  ...escalate("https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html", [
    "apprunner:UpdateService",
  ]),
  ...escalate(
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/iam-auth-access-using-id-policies.html",
    ["sso:CreateAccountAssignment"],
    ["sso:AttachManagedPolicyToPermissionSet"],
    ["sso:PutInlinePolicyToPermissionSet"],
  ),
  {
    tier: "can-escalate",
    actions: ["sts:AssumeRole"],
    wide: true,
    depends: "roles decide themselves whom they trust",
    source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
  },
  {
    tier: "can-escalate",
    actions: ["iam:CreateServiceSpecificCredential"],
    wide: true,
    depends: "the credential works for a few services only",
    source: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html",
  },

  ...each(
    "secrets",
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access.html",
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
  ),
  ...each(
    "secrets",
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
  ),
  ...each(
    "secrets",
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetPasswordData.html",
    "ec2:GetPasswordData",
  ),
  ...each(
    "secrets",
    "https://docs.aws.amazon.com/acm/latest/APIReference/API_ExportCertificate.html",
    "acm:ExportCertificate",
  ),
  ...each(
    "secrets",
    "https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentials.html",
    "redshift:GetClusterCredentials",
  ),
  ...each(
    "secrets",
    "https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/Welcome.html",
    "lightsail:GetRelationalDatabaseMasterUserPassword",
    "lightsail:DownloadDefaultKeyPair",
  ),

  ...each(
    "data-write",
    "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:PutBucketPolicy",
    "s3:DeleteBucket",
    "s3:PutLifecycleConfiguration",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteTable",
    "rds:DeleteDBInstance",
    "rds:ModifyDBInstance",
    "rds-data:ExecuteStatement",
    "es:ESHttpPut",
    "es:ESHttpPost",
    "es:ESHttpDelete",
    "kinesis:PutRecord",
    "sqs:SendMessage",
    "sqs:DeleteMessage",
    "kms:ScheduleKeyDeletion",
    "elasticfilesystem:ClientWrite",
    "ecr:PutImage",
    "ec2:DeleteVolume",
    "backup:DeleteRecoveryPoint",
    "logs:DeleteLogGroup",
  ),
  ...each(
    "data-read",
    "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    "s3:GetObject",
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "athena:GetQueryResults",
    "es:ESHttpGet",
    "kinesis:GetRecords",
    "sqs:ReceiveMessage",
    "kms:Decrypt",
    "ebs:GetSnapshotBlock",
    "elasticfilesystem:ClientMount",
    "ecr:BatchGetImage",
    "redshift-data:GetStatementResult",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    "codecommit:GitPull",
  ),
];
