"""Makes what the tests read, with AWS's own client, and prints what they need to know as JSON."""

import json
import sys

import boto3

URL, REGION = sys.argv[1], "eu-central-1"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
)


def client(service, region=REGION, **login):
    login = login or {"aws_access_key_id": "admin", "aws_secret_access_key": "admin"}
    return boto3.client(service, endpoint_url=URL, region_name=region, **login)


def policy(*actions):
    statement = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def user(name, *actions):
    iam = client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*actions))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def role(name, *actions):
    iam = client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*actions))
    return arn


def secrets():
    sm = client("secretsmanager")
    made = {}
    first = sm.create_secret(Name="team/db", SecretString='{"password":"old","port":1}')
    second = sm.put_secret_value(
        SecretId="team/db", SecretString='{"password":"n\\u00e4w","port":12345678901234567890.10}'
    )
    sm.put_secret_value(SecretId="team/db", SecretString='{"password":"blue"}', VersionStages=["blue"])
    made["db"] = {"arn": first["ARN"], "first": first["VersionId"], "second": second["VersionId"]}
    sm.create_secret(Name="plain", SecretString="just text")
    sm.create_secret(Name="bytes", SecretBinary=bytes(range(256)))
    sm.create_secret(Name="gone", SecretString="x")
    sm.delete_secret(SecretId="gone")
    for number in range(25):
        sm.create_secret(Name=f"many/{number}", SecretString=json.dumps({"v": number}))
    far = client("secretsmanager", "us-west-2").create_secret(Name="far", SecretString='{"a":"far"}')
    made["far"] = far["ARN"]
    return made


def parameters():
    ssm = client("ssm")
    ssm.put_parameter(Name="/team/db/password", Value="first", Type="SecureString")
    ssm.put_parameter(Name="/team/db/password", Value="second", Type="SecureString", Overwrite=True)
    ssm.label_parameter_version(Name="/team/db/password", ParameterVersion=1, Labels=["blue"])
    ssm.put_parameter(Name="/team/db/user", Value="svc", Type="String")
    ssm.put_parameter(Name="/team/db/deep/er", Value="x", Type="String")
    ssm.put_parameter(Name="list", Value="a,b", Type="StringList")
    ssm.put_parameter(Name="json", Value='{"port":5432}', Type="String")
    for number in range(25):
        ssm.put_parameter(Name=f"/many/{number}", Value=str(number), Type="SecureString")
    return {}


def judged():
    """What AWS's own client reads, to compare with."""
    sm, ssm = client("secretsmanager"), client("ssm")
    db = sm.get_secret_value(SecretId="team/db")
    old = sm.get_secret_value(SecretId="team/db", VersionStage="AWSPREVIOUS")
    folder = ssm.get_parameters_by_path(Path="/team/db", WithDecryption=True)["Parameters"]
    return {
        "db": db["SecretString"],
        "old": old["SecretString"],
        "folder": {one["Name"].rsplit("/", 1)[1]: one["Value"] for one in folder},
    }


print(
    json.dumps(
        {
            "reader": user("reader", "secretsmanager:*", "ssm:*", "kms:*"),
            "single": user("single", "secretsmanager:GetSecretValue"),
            "nobody": user("nobody", "s3:*"),
            "assumer": user("assumer", "sts:*"),
            "role": role("reading", "secretsmanager:*", "ssm:*"),
            "secrets": secrets(),
            "parameters": parameters(),
            "key": client("kms").create_key()["KeyMetadata"]["Arn"],
            "judged": judged(),
        }
    )
)
