"""Reads accounts back with boto3: a client that shares no code with the product.

Serves questions until its input ends. Each is a line of JSON,
    {"accounts": [{"id": "111122223333", "roleArn": "arn:…"}], "associations": true},
and its answer a line of JSON: by account id, all that Drawbridge may write there, and all that it must leave alone.
Policy documents are as boto3 decodes them, with their statements in the order in which AWS has them.

    read_back.py ENDPOINT REGION      the caller's own keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# Buckets by path: a bucket's name cannot be a host name where all of AWS is on one address.
CONFIG = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2})


def main(endpoint, region):
    clients = Clients(endpoint, region)
    for line in sys.stdin:
        question = json.loads(line)
        answer = {}
        for account in question["accounts"]:
            of = clients.account(account["roleArn"])
            state = {**read_iam(of("iam")), "buckets": read_buckets(of("s3")), "queues": read_queues(of("sqs"))}
            if question["associations"]:
                state["associations"] = read_associations(of("eks"))
            answer[account["id"]] = state
        print(json.dumps(answer), flush=True)


class Clients:
    """Clients by account and service, each account entered with its role once."""

    def __init__(self, endpoint, region):
        self.common = {"endpoint_url": endpoint, "region_name": region, "config": CONFIG}
        self.sts = boto3.client("sts", **self.common)
        self.accounts = {}

    def account(self, role_arn):
        if role_arn not in self.accounts:
            issued = self.sts.assume_role(RoleArn=role_arn, RoleSessionName="read-back")["Credentials"]
            session = boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])
            made = {}

            def of(service):
                if service not in made:
                    made[service] = session.client(service, **self.common)
                return made[service]

            self.accounts[role_arn] = of
        return self.accounts[role_arn]


def read_iam(iam):
    roles = {}
    for found in listed(iam, "list_roles", "Roles"):
        # ListRoles leaves out the tags and the boundary.
        role = iam.get_role(RoleName=found["RoleName"])["Role"]
        roles[role["Arn"]] = read_role(iam, role)
    policies = {}
    for policy in listed(iam, "list_policies", "Policies", Scope="Local"):
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        policies[policy["Arn"]] = version["PolicyVersion"]["Document"]
    providers = {}
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
        providers[provider["Arn"]] = {
            "issuer": found["Url"],
            "clientIds": sorted(found["ClientIDList"]),
            "tags": tags_of(found),
        }
    return {"roles": roles, "policies": policies, "providers": providers}


def read_role(iam, role):
    name = role["RoleName"]
    inline = {}
    for policy in listed(iam, "list_role_policies", "PolicyNames", RoleName=name):
        inline[policy] = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    attached = listed(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return {
        "path": role["Path"],
        "description": role.get("Description", ""),
        "trust": role["AssumeRolePolicyDocument"],
        "boundaryArn": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "maxSessionDuration": role["MaxSessionDuration"],
        "tags": tags_of(role),
        "inline": inline,
        "attached": sorted(policy["PolicyArn"] for policy in attached),
    }


def read_buckets(s3):
    return {bucket["Name"]: read_bucket_policy(s3, bucket["Name"]) for bucket in s3.list_buckets()["Buckets"]}


def read_bucket_policy(s3, name):
    try:
        return json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return None
        raise


def read_queues(sqs):
    queues = {}
    for url in listed(sqs, "list_queues", "QueueUrls"):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])["Attributes"]
        queues[found["QueueArn"]] = json.loads(found["Policy"]) if found.get("Policy") else None
    return queues


def read_associations(eks):
    associations = {}
    for cluster in listed(eks, "list_clusters", "clusters"):
        for one in listed(eks, "list_pod_identity_associations", "associations", clusterName=cluster):
            found = eks.describe_pod_identity_association(
                clusterName=cluster, associationId=one["associationId"]
            )["association"]
            associations[f"{cluster}/{found['namespace']}/{found['serviceAccount']}"] = {
                "roleArn": found["roleArn"],
                "targetRoleArn": found.get("targetRoleArn"),
                "tags": found.get("tags", {}),
            }
    return associations


def listed(client, operation, key, **arguments):
    """All pages of a list."""
    return [one for page in client.get_paginator(operation).paginate(**arguments) for one in page.get(key, [])]


def tags_of(found):
    return {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}


main(*sys.argv[1:])
