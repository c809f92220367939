/**
 * What the verification Job runs: POSIX sh with sed, tr and cut, the AWS CLI, and curl for the report. Nothing is
 * ever interpolated into it: all values come in through the environment, and the renderer lets no quote or
 * backslash into them (verification-job.ts), which is what makes splitting the JSON with sed sound.
 *
 * `${` is written `\${` below, since this is a template literal. Kubernetes replaces `$(NAME)` and `$$` in a container's arguments; the script has neither (a test looks).
 */
export const verificationScript = String.raw`set -u
cd "\${TMPDIR:-/tmp}" || exit 1
export LC_ALL=C HOME="$PWD" AWS_PAGER= AWS_MAX_ATTEMPTS=3

# Anything as the inside of a JSON string: printable ASCII, 500 characters, quotes and backslashes escaped.
json_text() { tr '\n' ' ' | tr -cd ' -~' | cut -c1-500 | sed 's/ *$//; s/\\/\\\\/g; s/"/\\"/g'; }

# field NAME JSON: the value of a text field; nothing when it is null.
field() { printf '%s' "$2" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# run ARGUMENTS: the AWS CLI with the check's profile and Region.
run() {
  if [ -n "$profile" ]; then set -- "$@" "--profile=$profile"; fi
  aws "$@" "--region=$region" --cli-connect-timeout=10 --cli-read-timeout=20 >out 2>err </dev/null
}

on_bucket() {
  path="$(printf '%s' "$resource" | cut -d: -f6-)"
  bucket="\${path%%/*}"
  key="\${path#*/}"
  case "$1" in
    ListBucket) run s3api list-objects-v2 "--bucket=$bucket" "--prefix=$key" --max-keys=1 --no-paginate ;;
    PutObject)
      printf 'drawbridge-check' >body
      run s3api put-object "--bucket=$bucket" "--key=$key" --body=body
      ;;
    GetObject) run s3api get-object "--bucket=$bucket" "--key=$key" object ;;
    DeleteObject) run s3api delete-object "--bucket=$bucket" "--key=$key" ;;
    *) unknown ;;
  esac
}

on_queue() {
  owner="$(printf '%s' "$resource" | cut -d: -f5)"
  queue="$(printf '%s' "$resource" | cut -d: -f6)"
  run sqs get-queue-url "--queue-name=$queue" "--queue-owner-aws-account-id=$owner" --query=QueueUrl --output=text || return 1
  url="$(cat out)"
  case "$1" in
    GetQueueAttributes) run sqs get-queue-attributes "--queue-url=$url" --attribute-names=QueueArn ;;
    SendMessage)
      case "$queue" in
        *.fifo)
          once="drawbridge-check-$(date +%s)"
          run sqs send-message "--queue-url=$url" --message-body=drawbridge-check \
            --message-group-id=drawbridge-check "--message-deduplication-id=$once"
          ;;
        *) run sqs send-message "--queue-url=$url" --message-body=drawbridge-check ;;
      esac
      ;;
    # No visibility timeout: a message that is there stays visible to the application.
    ReceiveMessage) run sqs receive-message "--queue-url=$url" --max-number-of-messages=1 --visibility-timeout=0 --wait-time-seconds=0 ;;
    *) unknown ;;
  esac
}

unknown() {
  printf 'This Job does not know the operation %s.' "$operation" >err
  return 1
}

outcome() {
  if grep -Eqi 'AccessDenied|Forbidden|not authorized|do not have access|UnauthorizedAccess' err; then
    result=denied
  else
    result=error
  fi
}

arn="$(aws sts get-caller-identity --query=Arn --output=text --cli-connect-timeout=10 --cli-read-timeout=20 2>err </dev/null | json_text)"
if [ -n "$arn" ]; then identity="\"$arn\""; else identity=null; fi

good=yes
checks=
printf '%s\n' "$DRAWBRIDGE_CHECKS" | sed 's/},{/}\
{/g' >checks
while IFS= read -r check; do
  operation="$(field operation "$check")"
  resource="$(field resource "$check")"
  profile="$(field profile "$check")"
  region="$(field region "$check")"
  [ -n "$operation" ] || continue
  : >err
  case "$operation" in
    s3:*) on_bucket "\${operation#s3:}" ;;
    sqs:*) on_queue "\${operation#sqs:}" ;;
    *) unknown ;;
  esac
  if [ "$?" -eq 0 ]; then
    result=allowed
    detail=
  else
    good=no
    outcome
    detail="$(json_text <err)"
  fi
  one="{\"operation\":\"$operation\",\"resource\":\"$resource\",\"outcome\":\"$result\",\"detail\":\"$detail\"}"
  checks="\${checks:+$checks,}$one"
done <checks

printf '{"source":"cluster-job","identity":%s,"checks":[%s]}\n' "$identity" "$checks" >report.json
cat report.json

if [ -n "\${DRAWBRIDGE_REPORT_URL:-}" ]; then
  if curl -fsS --max-time 20 --retry 3 --retry-connrefused -H 'Content-Type: application/json' \
    --data-binary @report.json -o /dev/null "$DRAWBRIDGE_REPORT_URL"; then
    echo 'The report was sent.'
  else
    echo 'The report could not be sent; it stands above.' >&2
  fi
fi
[ "$good" = yes ]
`.replaceAll("\\${", "${");
