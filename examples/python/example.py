"""Creates a lead, hears from RabbitMQ that its journey began, reads the waterfall.

Exit code 0 when all of that was done, or 1 with a sentence that says what was not.
"""
import json
import os
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent / 'stubs'))  # made by make-stubs.sh

import grpc
import pika
from google.protobuf import json_format
from google.rpc.errors_pb2 import BadRequest, ErrorInfo, Status
from l2r.intake.v1.intake_service_pb2 import CreateLeadRequest
from l2r.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from l2r.intake.v1.lead_pb2 import Lead, Person
from l2r.ledger.v1.ledger_events_pb2 import StagesChanged
from l2r.ledger.v1.ledger_pb2 import STAGE_CLOSED_WON, STAGE_LEAD, STAGE_MQL, Stage
from l2r.metrics.v1.metrics_service_pb2 import GetJourneyRequest, GetWaterfallRequest
from l2r.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub

PATIENCE = 30  # seconds

RETRY_WHERE_UNAVAILABLE = json.dumps({'methodConfig': [{
    'name': [{}],
    'retryPolicy': {
        'maxAttempts': 5, 'initialBackoff': '0.2s', 'maxBackoff': '2s', 'backoffMultiplier': 2, 'retryableStatusCodes': ['UNAVAILABLE'],
    },
}]})


def main():
    options = {'metadata': [('authorization', f'Bearer {setting("L2R_TOKEN")}')], 'timeout': 10}
    with connect(setting('L2R_GATEWAY')) as gateway, pika.BlockingConnection(pika.URLParameters(setting('L2R_RABBITMQ'))) as broker:
        intake, metrics = IntakeServiceStub(gateway), MetricsServiceStub(gateway)

        # The queue comes first: it gets what happens from now on.
        channel = broker.channel()
        queue = declare_queue(channel, setting('L2R_TENANT'))

        # A lead without e-mail and external id is refused, with the fields that are wrong.
        try:
            intake.CreateLead(CreateLeadRequest(lead=Lead(channel='web-form')), **options)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
            reason, violations = read_refusal(error)
            print('Refused:', reason)
            for violation in violations:
                print(f'  {violation.field}: {violation.description}')

        # With a request_id the call may be sent again: L2R then answers with the lead that the first one made.
        lead = intake.CreateLead(CreateLeadRequest(
            request_id=str(uuid.uuid4()),
            lead=Lead(person=Person(email=f'ada.{uuid.uuid4()}@example.com'), channel='web-form'),
        ), **options).lead
        print('Created:', lead.name)

        change = wait_for(channel, queue, lead.name)
        print('Heard:', change.lead, 'entered', name_of(change.to))

        # Metrics hears of it as we did, perhaps a moment later.
        give_up = time.monotonic() + PATIENCE
        while not is_known(metrics, lead.journey, options):
            if time.monotonic() > give_up:
                raise TimeoutError(f'Metrics has not heard of {lead.journey} within {PATIENCE} seconds.')
            time.sleep(0.2)
        question = GetWaterfallRequest()
        question.horizons.add().FromSeconds(30 * 86_400)
        show(metrics.GetWaterfall(question, **options).groups[0])


def connect(address):
    url = urlsplit(address)
    options = [('grpc.service_config', RETRY_WHERE_UNAVAILABLE)]
    if url.scheme == 'https':
        return grpc.secure_channel(url.netloc, grpc.ssl_channel_credentials(), options)
    return grpc.insecure_channel(url.netloc, options)


def read_refusal(error):
    """A reason to branch on (docs/errors.md lists them), and the fields that are wrong, all at once."""
    reason, violations = '', []
    status = Status.FromString(dict(error.trailing_metadata() or ()).get('grpc-status-details-bin', b''))
    for detail in status.details:
        if detail.Is(ErrorInfo.DESCRIPTOR):
            reason = ErrorInfo.FromString(detail.value).reason
        elif detail.Is(BadRequest.DESCRIPTOR):
            violations = BadRequest.FromString(detail.value).field_violations
    return reason, violations


def declare_queue(channel, tenant):
    # A queue for this run alone, gone with the connection. One that has to outlive it is durable and has a name: docs/events.md.
    queue = channel.queue_declare('', exclusive=True).method.queue
    channel.queue_bind(queue, 'l2r.ledger.v1.StagesChanged', f'live.{tenant}.#')
    return queue


def wait_for(channel, queue, lead):
    """The next change of a lead."""
    handled = set()
    give_up = time.monotonic() + PATIENCE
    for method, _, body in channel.consume(queue, inactivity_timeout=1):
        if method:
            event = json_format.ParseDict(json.loads(body)['message'], StagesChanged(), ignore_unknown_fields=True)
            found = [] if event.event_id in handled else [change for change in event.changes if change.lead == lead]  # it may come twice
            handled.add(event.event_id)
            channel.basic_ack(method.delivery_tag)  # after the work: else a crash would lose it
            if found:
                return found[0]
        if time.monotonic() > give_up:
            raise TimeoutError(f'No event of {lead} has come within {PATIENCE} seconds.')


def is_known(metrics, journey, options):
    try:
        metrics.GetJourney(GetJourneyRequest(name=journey), **options)
        return True
    except grpc.RpcError as error:
        if read_refusal(error)[0] != 'JOURNEY_NOT_FOUND':
            raise
        return False


def show(waterfall):
    print('Reach:')
    for volume in waterfall.volumes:
        if volume.stage <= STAGE_CLOSED_WON:  # exits follow the stages
            print(f'  {name_of(volume.stage):11} {volume.reach_count:6}')

    pair = next(pair for pair in waterfall.pairs if (getattr(pair, 'from'), pair.to) == (STAGE_LEAD, STAGE_MQL))
    rate = pair.horizons[0].rate
    print('LEAD to MQL within 30 days:', (
        f'{rate.ratio:.2%}, 95% interval {100 * rate.interval_low_ratio:.2f} to {rate.interval_high_ratio:.2%}, of {rate.cohort_count}'
        if rate.HasField('ratio') else f'no rate, {rate.no_value_reason}'))


def name_of(stage):
    return Stage.Name(stage).removeprefix('STAGE_')


def setting(name):
    return os.environ.get(name) or sys.exit(f'{name} is not set: README.md says where to find it.')


try:
    main()
except grpc.RpcError as error:
    sys.exit(f'The call failed with {error.code().name}: {error.details()}')
except pika.exceptions.AMQPError as error:
    sys.exit(f'RabbitMQ does not do what it was asked: {error!r}')
except TimeoutError as error:
    sys.exit(str(error))
