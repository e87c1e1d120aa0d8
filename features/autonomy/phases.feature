Feature: Autonomy is given in phases, and nothing goes alone out of the box

  Background:
    Given payments-api crash-loops in production after a release

  @rule:autonomy/phase
  Scenario: In the phase approve all a person wants each fix
    Given payments is in the phase approve all
    When the agent proposes to restart payments-api
    Then it waits for one person of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  Scenario: In shadow it is decided and recorded, and nothing else
    Given payments is in the phase shadow
    When the agent proposes to restart payments-api
    Then it is only recorded
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:autonomy/phase
  Scenario: In the phase advise the gate changes nothing
    Given payments is in the phase advise
    When the agent proposes to restart payments-api
    Then it is refused: "the gate only advises here"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:autonomy/phase
  Scenario: A class of incident can hold back what its namespace permits
    Given incidents of class crash-loop are in the phase approve all
    When the agent proposes to restart payments-api
    Then it waits for one person of team:team-payments
    And nothing was merged

  @rule:autonomy/phase
  Scenario: A phase that nobody defined permits nothing
    Given payments is in the phase yolo
    When the agent proposes to restart payments-api
    Then it is refused: "phase yolo is none of"
    And nothing was opened, merged or spent, and nobody was told of a fix
