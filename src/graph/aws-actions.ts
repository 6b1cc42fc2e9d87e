/**
 * The sentinel actions: those by which an AWS identity's power is measured. Compiling a policy asks for each of them
 * whether the policy allows it, so two policies that allow the same things weigh the same, whatever they are called.
 *
 * Actions and their resource types: the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html),
 * one page per service: the page of `source` unless the row says otherwise.
 */
export interface Sentinel {
  readonly action: string;
  /**
   * A resource of this action that nobody names on purpose: a pattern that covers it covers all of the kind. Only the
   * part behind the account, because a policy may name its own partition, region and account and still mean "all".
   */
  readonly witness: string;
  /** The service in the resource's ARN. */
  readonly service: string;
  /** Harmless on oneself (`user/${aws:username}`): making one's own access key gives nobody anything new. */
  readonly ownIsHarmless: boolean;
  /** The page that documents the action. */
  readonly source: string;
}

/**
 * An action of a service that does not exist. Only a statement about every action of every service allows it, however
 * it is spelled (`*`, `*:*`, `NotAction`): this is what tells an administrator from a long list.
 */
export const ANY_ACTION = "rollcall-sentinel:EveryAction";

const REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_";
/** A name that no pattern spells out. */
export const NOBODYS_NAME = "rollcall-sentinel-7f3a91";
const NAME = NOBODYS_NAME;

const page = (slug: string): string => `${REFERENCE}${slug}.html`;
const IAM = page("awsidentityandaccessmanagementiam");
const SSM = page("awssystemsmanager");
const EC2 = page("amazonec2");
const LAMBDA = page("awslambda");
const GLUE = page("awsglue");
const SAGEMAKER = page("amazonsagemaker");
const CODEBUILD = page("awscodebuild");
const CLOUDFORMATION = page("awscloudformation");
const ECS = page("amazonelasticcontainerservice");
const STATES = page("awsstepfunctions");
const BATCH = page("awsbatch");
const APPRUNNER = page("awsapprunner");
const IDENTITY_CENTER = page("awsiamidentitycenter");
const S3 = page("amazons3");
const DYNAMODB = page("amazondynamodb");

const OWN_IS_HARMLESS = new Set([
  "iam:CreateAccessKey",
  "iam:CreateLoginProfile",
  "iam:UpdateLoginProfile",
  "iam:CreateServiceSpecificCredential",
]);

/** `witness` may begin with `service@` where the resource belongs to another service than the action. */
function row(source: string, witness: string, ...actions: readonly string[]): readonly Sentinel[] {
  const [service, resource] = witness.includes("@") ? (witness.split("@") as [string, string]) : [undefined, witness];
  return actions.map((action) => ({
    action,
    witness: resource,
    service: service ?? (action.split(":")[0] as string),
    ownIsHarmless: OWN_IS_HARMLESS.has(action),
    source,
  }));
}

/** Every sentinel, in the order of its bit. Append only within reason: the order decides nothing but the bit. */
export const SENTINELS: readonly Sentinel[] = [
  ...row(
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
    NAME,
    ANY_ACTION,
  ),

  ...row(IAM, `policy/${NAME}`, "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
  ...row(
    IAM,
    `user/${NAME}`,
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:CreateServiceSpecificCredential",
  ),
  ...row(IAM, `group/${NAME}`, "iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:PutGroupPolicy"),
  ...row(
    IAM,
    `role/${NAME}`,
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PassRole",
  ),
  ...row(IAM, `saml-provider/${NAME}`, "iam:UpdateSAMLProvider"),
  ...row(page("awssecuritytokenservice"), `iam@role/${NAME}`, "sts:AssumeRole"),

  ...row(
    LAMBDA,
    `function:${NAME}`,
    "lambda:CreateFunction",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "lambda:AddPermission",
  ),
  ...row(LAMBDA, `event-source-mapping:${NAME}`, "lambda:CreateEventSourceMapping"),
  ...row(EC2, `instance/${NAME}`, "ec2:RunInstances", "ec2:AssociateIamInstanceProfile"),
  ...row(page("amazonec2instanceconnect"), `ec2@instance/${NAME}`, "ec2-instance-connect:SendSSHPublicKey"),
  ...row(SSM, `ec2@instance/${NAME}`, "ssm:SendCommand", "ssm:StartSession"),
  ...row(SSM, `automation-definition/${NAME}:1`, "ssm:StartAutomationExecution"),
  ...row(CLOUDFORMATION, `stack/${NAME}/1`, "cloudformation:CreateStack", "cloudformation:UpdateStack"),
  ...row(GLUE, `job/${NAME}`, "glue:CreateJob", "glue:UpdateJob", "glue:StartJobRun"),
  ...row(GLUE, `devEndpoint/${NAME}`, "glue:CreateDevEndpoint", "glue:UpdateDevEndpoint"),
  ...row(
    SAGEMAKER,
    `notebook-instance/${NAME}`,
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreatePresignedNotebookInstanceUrl",
  ),
  ...row(SAGEMAKER, `training-job/${NAME}`, "sagemaker:CreateTrainingJob"),
  ...row(SAGEMAKER, `processing-job/${NAME}`, "sagemaker:CreateProcessingJob"),
  ...row(CODEBUILD, `project/${NAME}`, "codebuild:CreateProject", "codebuild:UpdateProject", "codebuild:StartBuild"),
  ...row(ECS, `task-definition/${NAME}:1`, "ecs:RegisterTaskDefinition", "ecs:RunTask"),
  ...row(ECS, `task/${NAME}/1`, "ecs:ExecuteCommand"),
  ...row(
    STATES,
    `stateMachine:${NAME}`,
    "states:CreateStateMachine",
    "states:UpdateStateMachine",
    "states:StartExecution",
  ),
  ...row(BATCH, `job-definition/${NAME}`, "batch:RegisterJobDefinition", "batch:SubmitJob"),
  ...row(APPRUNNER, `service/${NAME}/1`, "apprunner:CreateService", "apprunner:UpdateService"),
  ...row(page("amazonelasticmapreduce"), `cluster/${NAME}`, "elasticmapreduce:RunJobFlow"),
  ...row(page("amazoneventbridgescheduler"), `schedule/default/${NAME}`, "scheduler:CreateSchedule"),
  ...row(
    page("awsdatapipeline"),
    `pipeline/${NAME}`,
    "datapipeline:CreatePipeline",
    "datapipeline:PutPipelineDefinition",
    "datapipeline:ActivatePipeline",
  ),
  ...row(
    IDENTITY_CENTER,
    `permissionSet/${NAME}/1`,
    "sso:CreateAccountAssignment",
    "sso:AttachManagedPolicyToPermissionSet",
    "sso:PutInlinePolicyToPermissionSet",
  ),

  ...row(
    page("awssecretsmanager"),
    `secret:${NAME}`,
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
  ),
  ...row(
    SSM,
    `parameter/${NAME}`,
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
  ),
  ...row(EC2, `instance/${NAME}`, "ec2:GetPasswordData"),
  ...row(page("awscertificatemanager"), `certificate/${NAME}`, "acm:ExportCertificate"),
  ...row(page("amazonredshift"), `dbuser:${NAME}/${NAME}`, "redshift:GetClusterCredentials"),
  ...row(page("amazonlightsail"), `RelationalDatabase/${NAME}`, "lightsail:GetRelationalDatabaseMasterUserPassword"),
  ...row(page("amazonlightsail"), `KeyPair/${NAME}`, "lightsail:DownloadDefaultKeyPair"),

  ...row(S3, `${NAME}/object`, "s3:PutObject", "s3:DeleteObject"),
  ...row(S3, NAME, "s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutLifecycleConfiguration"),
  ...row(
    DYNAMODB,
    `table/${NAME}`,
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteTable",
  ),
  ...row(page("amazonrds"), `db:${NAME}`, "rds:DeleteDBInstance", "rds:ModifyDBInstance"),
  ...row(page("amazonrdsdataapi"), `rds@cluster:${NAME}`, "rds-data:ExecuteStatement"),
  ...row(page("amazonopensearchservice"), `domain/${NAME}/index`, "es:ESHttpPut", "es:ESHttpPost", "es:ESHttpDelete"),
  ...row(page("amazonkinesisdatastreams"), `stream/${NAME}`, "kinesis:PutRecord"),
  ...row(page("amazonsqs"), NAME, "sqs:SendMessage", "sqs:DeleteMessage"),
  ...row(page("awskeymanagementservice"), `key/${NAME}`, "kms:ScheduleKeyDeletion"),
  ...row(page("amazonelasticfilesystem"), `file-system/${NAME}`, "elasticfilesystem:ClientWrite"),
  ...row(page("amazonelasticcontainerregistry"), `repository/${NAME}`, "ecr:PutImage"),
  ...row(EC2, `volume/${NAME}`, "ec2:DeleteVolume"),
  ...row(page("awsbackup"), `recovery-point:${NAME}`, "backup:DeleteRecoveryPoint"),
  ...row(page("amazoncloudwatchlogs"), `log-group:${NAME}:*`, "logs:DeleteLogGroup"),

  ...row(S3, `${NAME}/object`, "s3:GetObject"),
  ...row(DYNAMODB, `table/${NAME}`, "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"),
  ...row(page("amazonathena"), `workgroup/${NAME}`, "athena:GetQueryResults"),
  ...row(page("amazonopensearchservice"), `domain/${NAME}/index`, "es:ESHttpGet"),
  ...row(page("amazonkinesisdatastreams"), `stream/${NAME}`, "kinesis:GetRecords"),
  ...row(page("amazonsqs"), NAME, "sqs:ReceiveMessage"),
  ...row(page("awskeymanagementservice"), `key/${NAME}`, "kms:Decrypt"),
  ...row(page("amazonelasticblockstore"), `ec2@snapshot/${NAME}`, "ebs:GetSnapshotBlock"),
  ...row(page("amazonelasticfilesystem"), `file-system/${NAME}`, "elasticfilesystem:ClientMount"),
  ...row(page("amazonelasticcontainerregistry"), `repository/${NAME}`, "ecr:BatchGetImage"),
  ...row(page("amazonredshiftdataapi"), `redshift@cluster:${NAME}`, "redshift-data:GetStatementResult"),
  ...row(page("amazoncloudwatchlogs"), `log-group:${NAME}:*`, "logs:GetLogEvents", "logs:FilterLogEvents"),
  ...row(page("awscodecommit"), NAME, "codecommit:GitPull"),
];
