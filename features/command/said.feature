Feature: What an agent would run is understood first, decided next, and never run by the gate

  Background:
    Given payments-api crash-loops in production after a release

  Scenario Outline: It <kind>
    When the agent means to run "<command>"
    Then it is told to <answer>
    And it is told the same by the running gate
    And the exit code is <code>
    And nothing was opened, merged or spent, and nobody was told of a fix

    Examples:
      | kind             | command                                                                   | answer          | code |
      | only reads       | kubectl get pods -n payments 2>&1 \| tail -40                             | go on           | 0    |
      | may be proposed  | kubectl rollout restart deployment/payments-api -n payments               | propose it      | 0    |
      | needs approval   | kubectl rollout undo deployment/payments-api -n payments                  | wait for people | 3    |
      | is denied        | kubectl delete networkpolicy default-deny -n payments                     | leave it        | 1    |
      | isn't understood | kubectl get pods -n payments \| xargs kubectl delete pod -n payments      | leave it        | 1    |
      | hides a part     | kubectl get pods; kubectl rollout restart deploy/$(cat x) -n payments     | leave it        | 1    |

  Scenario: Nobody can decide
    Given the evaluator is gone
    When the agent means to run "kubectl rollout restart deployment/payments-api -n payments"
    Then it is told that nobody could decide
    And the exit code is 4
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: One refused part refuses all of it
    When the agent means to run "kubectl rollout restart deploy/payments-api -n payments && rm -rf /"
    Then it is told to leave it
    And it is told what to do instead
    And no policy was asked
