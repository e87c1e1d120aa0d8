Feature: One switch stops everything, and stays where it was set

  Background:
    Given payments-api crash-loops in production after a release

  @rule:switch/frozen
  Scenario: Frozen lets nothing through, whoever asks
    Given erin set the switch to frozen, because of a data leak
    When alice proposes to restart ledger-worker
    Then it is refused: "the switch is frozen"
    And the record names erin as who moved the switch, because of a data leak
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: It stays frozen when the gate is started again
    Given erin set the switch to frozen, because of a data leak
    When the gate is stopped and started again
    And the agent proposes to restart payments-api
    Then it is refused: "the switch is frozen"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:switch/advisory
  Scenario: Advisory lets advice through and nothing else
    Given erin set the switch to advisory, because of an audit
    When the agent proposes to restart payments-api
    Then it is refused: "the switch is advisory"
    And nothing was opened, merged or spent, and nobody was told of a fix
    When the agent proposes to escalate payments-api
    Then it is only recorded

  @rule:switch/frozen
  Scenario: Freezing stops what people had already approved
    Given the agent already proposed to roll back payments-api
    And alice approved it
    When erin sets the switch to frozen, because of a data leak
    And bob approves it
    Then it still waits
    And nothing was merged
    And nobody was told of a fix

  Scenario: Back to normal it goes on
    Given erin set the switch to frozen, because of a data leak
    When erin sets the switch to normal, because of an all-clear
    And the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix
