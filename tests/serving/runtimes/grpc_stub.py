"""Asks a server by the stub of tensorflow-serving-api."""

import grpc
from tensor_messages import message_of, value_of
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

LIMITS = [("grpc.max_receive_message_length", 2**28)]
PATIENCE = 300.0  # seconds


def connect(address: str):
    """What asks the server at `host:port`: a signature's name and inputs to its outputs."""
    stub = prediction_service_pb2_grpc.PredictionServiceStub(
        grpc.insecure_channel(address, options=LIMITS)
    )

    def run(name, inputs):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "stylizer"
        request.model_spec.signature_name = name
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(message_of(value))
        answer = stub.Predict(request, timeout=PATIENCE)
        outputs = {key: value_of(message) for key, message in answer.outputs.items()}
        return {key: v.tolist() if v.dtype == object else v for key, v in outputs.items()}

    return run
